package account

import (
	"context"
	"errors"
	"time"

	"safelight/internal/db"
	"safelight/internal/i18n"
)

const accountColumns = `a.id, a.uid, a.email, a.locale, a.role, a.state, a.reason, a.newsletter, a.created_at, a.verified_at`

func fields(a *Account) []any {
	return []any{&a.ID, &a.UID, &a.Email, &a.Locale, &a.Role, &a.State, &a.Reason, &a.Newsletter, &a.CreatedAt, &a.VerifiedAt}
}

func insertAccount(ctx context.Context, tx *db.Tx, a Account, key, hash string) (made bool, err error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO account (id, uid, email, email_key, password, locale, role, state, reason, newsletter, created_at, verified_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11)
		ON CONFLICT (email_key) DO NOTHING`,
		a.ID, a.UID, a.Email, key, hash, a.Locale, a.Role, a.State, a.Newsletter, a.CreatedAt, a.VerifiedAt)
	return n == 1, err
}

// replaceWaiting gives an account whose address is not proven what a newer
// sign-up says; false when it is proven or not active.
func replaceWaiting(ctx context.Context, tx *db.Tx, account ID, a Account, hash string) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE account SET password = $2, email = $3, locale = $4, newsletter = $5
		WHERE id = $1 AND verified_at IS NULL AND state = 'active'`,
		account, hash, a.Email, a.Locale, a.Newsletter)
	return n == 1, err
}

func selectByID(ctx context.Context, tx *db.Tx, account ID) (a Account, err error) {
	err = tx.QueryRow(ctx, `SELECT `+accountColumns+` FROM account a WHERE a.id = $1`, account).Scan(fields(&a)...)
	return a, err
}

func selectByKey(ctx context.Context, tx *db.Tx, key string) (a Account, hash string, err error) {
	err = tx.QueryRow(ctx, `SELECT `+accountColumns+`, a.password FROM account a WHERE a.email_key = $1`, key).
		Scan(append(fields(&a), &hash)...)
	return a, hash, err
}

func selectPassword(ctx context.Context, tx *db.Tx, account ID) (hash string, err error) {
	err = tx.QueryRow(ctx, `SELECT password FROM account WHERE id = $1`, account).Scan(&hash)
	return hash, err
}

func markVerified(ctx context.Context, tx *db.Tx, account ID) (first bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE account SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL`, account, tx.Now())
	return n == 1, err
}

func markSignedIn(ctx context.Context, tx *db.Tx, account ID, hash, renewed string) (same bool, err error) {
	n, err := tx.Exec(ctx, `
		UPDATE account SET signed_in_at = $4, password = $3
		WHERE id = $1 AND password = $2 AND state = 'active' AND verified_at IS NOT NULL`,
		account, hash, renewed, tx.Now())
	return n == 1, err
}

func replacePassword(ctx context.Context, tx *db.Tx, account ID, old, hash string) (same bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE account SET password = $3 WHERE id = $1 AND password = $2`, account, old, hash)
	return n == 1, err
}

func setPassword(ctx context.Context, tx *db.Tx, account ID, hash string) error {
	return tx.ExecOne(ctx, `UPDATE account SET password = $2 WHERE id = $1`, account, hash)
}

func updateLocale(ctx context.Context, tx *db.Tx, account ID, lang i18n.Lang) error {
	return tx.ExecOne(ctx, `UPDATE account SET locale = $2 WHERE id = $1`, account, lang)
}

func updateNewsletter(ctx context.Context, tx *db.Tx, account ID, on bool) error {
	return tx.ExecOne(ctx, `UPDATE account SET newsletter = $2 WHERE id = $1`, account, on)
}

func updateState(ctx context.Context, tx *db.Tx, account ID, to State, why string, from ...State) error {
	return tx.ExecOne(ctx, `UPDATE account SET state = $2, reason = $3 WHERE id = $1 AND state IN ($4, $5)`,
		account, to, why, from[0], from[len(from)-1])
}

func insertLink(ctx context.Context, tx *db.Tx, account ID, purpose Purpose, digest string, until time.Time) error {
	return tx.ExecOne(ctx, `
		INSERT INTO account_link (digest, account, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		digest, account, purpose, tx.Now(), until)
}

func selectLink(ctx context.Context, tx *db.Tx, digest string, purpose Purpose) (account ID, err error) {
	err = tx.QueryRow(ctx, `
		SELECT account FROM account_link
		WHERE digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3`,
		digest, purpose, tx.Now()).Scan(&account)
	return account, err
}

func spendLink(ctx context.Context, tx *db.Tx, digest string, purpose Purpose) (account ID, err error) {
	err = tx.QueryRow(ctx, `
		UPDATE account_link SET used_at = $3
		WHERE digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
		RETURNING account`,
		digest, purpose, tx.Now()).Scan(&account)
	return account, err
}

func dropLinks(ctx context.Context, tx *db.Tx, account ID, purpose Purpose) error {
	_, err := tx.Exec(ctx, `DELETE FROM account_link WHERE account = $1 AND purpose = $2`, account, purpose)
	return err
}

func insertSession(ctx context.Context, tx *db.Tx, s Session) error {
	return tx.ExecOne(ctx, `
		INSERT INTO account_session (id, digest, account, ip, user_agent, created_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.ID, digest(s.Token), s.Account.ID, s.Client.IP, s.Client.UserAgent, s.CreatedAt, s.SeenAt)
}

func selectBySession(ctx context.Context, tx *db.Tx, digest string) (v Visitor, err error) {
	err = tx.QueryRow(ctx, `
		SELECT `+accountColumns+`, s.id, s.seen_at
		FROM account_session s JOIN account a ON a.id = s.account
		WHERE s.digest = $1 AND s.seen_at > $2 AND s.created_at > $3`,
		digest, tx.Now().Add(-SessionIdle), tx.Now().Add(-SessionLife)).
		Scan(append(fields(&v.Account), &v.Session, &v.seenAt)...)
	return v, err
}

func selectByToken(ctx context.Context, tx *db.Tx, digest string) (v Visitor, err error) {
	err = tx.QueryRow(ctx, `
		SELECT `+accountColumns+`, t.id, t.used_at
		FROM account_token t JOIN account a ON a.id = t.account
		WHERE t.digest = $1`, digest).
		Scan(append(fields(&v.Account), &v.Token, &v.seenAt)...)
	return v, err
}

func markSeen(ctx context.Context, tx *db.Tx, v Visitor) error {
	_, session := tx.Exec(ctx, `UPDATE account_session SET seen_at = $2 WHERE id = $1`, v.Session, tx.Now())
	_, token := tx.Exec(ctx, `UPDATE account_token SET used_at = $2 WHERE id = $1`, v.Token, tx.Now())
	return errors.Join(session, token)
}

func selectSessions(ctx context.Context, tx *db.Tx, account ID) ([]Session, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (s Session, err error) {
		err = scan(&s.ID, &s.Client.IP, &s.Client.UserAgent, &s.CreatedAt, &s.SeenAt)
		return s, err
	}, `SELECT id, ip, user_agent, created_at, seen_at FROM account_session
		WHERE account = $1 AND seen_at > $2 AND created_at > $3
		ORDER BY seen_at DESC, id DESC`,
		account, tx.Now().Add(-SessionIdle), tx.Now().Add(-SessionLife))
}

func deleteSessionByToken(ctx context.Context, tx *db.Tx, digest string) (account ID, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM account_session WHERE digest = $1 RETURNING account`, digest).Scan(&account)
	return account, err
}

func deleteSession(ctx context.Context, tx *db.Tx, account ID, session string) error {
	return tx.ExecOne(ctx, `DELETE FROM account_session WHERE account = $1 AND id = $2`, account, session)
}

func deleteSessions(ctx context.Context, tx *db.Tx, account ID, spare string) error {
	_, err := tx.Exec(ctx, `DELETE FROM account_session WHERE account = $1 AND id <> $2`, account, spare)
	return err
}

// insertToken adds the token and returns how many there are, it included. The
// account's row is locked, so that two at once are counted one after the
// other.
func insertToken(ctx context.Context, tx *db.Tx, account ID, t Token, digest string) (count int, err error) {
	if err := tx.ExecOne(ctx, `UPDATE account SET locale = locale WHERE id = $1`, account); err != nil {
		return 0, err
	}
	if err := tx.ExecOne(ctx, `
		INSERT INTO account_token (id, digest, account, name, prefix, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.ID, digest, account, t.Name, t.Prefix, t.CreatedAt); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FROM account_token WHERE account = $1`, account).Scan(&count)
	return count, err
}

func selectTokens(ctx context.Context, tx *db.Tx, account ID) ([]Token, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (t Token, err error) {
		err = scan(&t.ID, &t.Name, &t.Prefix, &t.CreatedAt, &t.UsedAt)
		return t, err
	}, `SELECT id, name, prefix, created_at, used_at FROM account_token
		WHERE account = $1 ORDER BY created_at DESC, id DESC`, account)
}

func deleteToken(ctx context.Context, tx *db.Tx, account ID, token string) error {
	return tx.ExecOne(ctx, `DELETE FROM account_token WHERE account = $1 AND id = $2`, account, token)
}

func deleteTokens(ctx context.Context, tx *db.Tx, account ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM account_token WHERE account = $1`, account)
	return err
}

const consentColumns = `id, account, control, document, version, hash, prevailing, prevailing_hash, lang, text, about, ip, user_agent, at`

func insertConsent(ctx context.Context, tx *db.Tx, c Consent, digest string) error {
	return tx.ExecOne(ctx, `
		INSERT INTO account_consent (`+consentColumns+`, digest, block)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)`,
		append(c.fields(), digest)...)
}

// fields are the values of consentColumns.
func (c Consent) fields() []any {
	return []any{c.ID, c.Account, c.Control, c.Document.Name, c.Document.Version, c.Document.Hash, c.Document.Prevailing,
		c.Document.PrevailingHash, c.Lang, c.Text, c.About, c.Client.IP, c.Client.UserAgent, c.At}
}

func (c *Consent) dest() []any {
	return []any{&c.ID, &c.Account, &c.Control, &c.Document.Name, &c.Document.Version, &c.Document.Hash, &c.Document.Prevailing,
		&c.Document.PrevailingHash, &c.Lang, &c.Text, &c.About, &c.Client.IP, &c.Client.UserAgent, &c.At}
}

func selectConsents(ctx context.Context, tx *db.Tx, account ID) ([]Consent, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (c Consent, err error) {
		return c, scan(c.dest()...)
	}, `SELECT `+consentColumns+` FROM account_consent WHERE account = $1 ORDER BY at, id`, account)
}

func selectAccepted(ctx context.Context, tx *db.Tx, account ID, hash string) (bool, error) {
	n := 0
	err := tx.QueryRow(ctx, `SELECT count(*) FROM account_consent WHERE account = $1 AND hash = $2`, account, hash).Scan(&n)
	return n > 0, err
}

// A sealed consent is a row with the digest that it was written with and the
// block that seals it.
type sealedConsent struct {
	Consent
	kept  string
	block int64
}

// eachConsent streams the rows to each, which runs no statements.
func eachConsent(ctx context.Context, tx *db.Tx, each func(sealedConsent) error, where string, args ...any) error {
	return tx.Together(ctx, db.Statement{Query: `SELECT ` + consentColumns + `, digest, block FROM account_consent ` + where, Args: args,
		Row: func(scan func(...any) error) error {
			var c sealedConsent
			if err := scan(append(c.dest(), &c.kept, &c.block)...); err != nil {
				return err
			}
			return each(c)
		}})
}

// lockConsentChain gives the end of the chain and holds it until tx ends.
func lockConsentChain(ctx context.Context, tx *db.Tx) (block int64, hash string, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO account_consent_chain (chain, block, hash) VALUES ('consents', 0, '')
		ON CONFLICT (chain) DO UPDATE SET block = account_consent_chain.block RETURNING block, hash`).Scan(&block, &hash)
	return block, hash, err
}

func takeConsents(ctx context.Context, tx *db.Tx, block, limit int64) (int64, error) {
	return tx.Exec(ctx, `
		UPDATE account_consent SET block = $1
		WHERE id IN (SELECT id FROM account_consent WHERE block = 0 ORDER BY id LIMIT $2)`, block, limit)
}

func setConsentDigest(ctx context.Context, tx *db.Tx, consent, digest string) error {
	return tx.ExecOne(ctx, `UPDATE account_consent SET digest = $2 WHERE id = $1 AND digest = ''`, consent, digest)
}

func insertConsentBlock(ctx context.Context, tx *db.Tx, b consentBlock) error {
	err := tx.ExecOne(ctx, `INSERT INTO account_consent_block (block, consents, hash, at) VALUES ($1, $2, $3, $4)`,
		b.number, b.consents, b.hash, tx.Now())
	if err != nil {
		return err
	}
	return tx.ExecOne(ctx, `UPDATE account_consent_chain SET block = $1, hash = $2 WHERE chain = 'consents'`, b.number, b.hash)
}

func selectConsentBlocks(ctx context.Context, tx *db.Tx) ([]consentBlock, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (b consentBlock, err error) {
		return b, scan(&b.number, &b.consents, &b.hash)
	}, `SELECT block, consents, hash FROM account_consent_block ORDER BY block`)
}

func selectConsentChain(ctx context.Context, tx *db.Tx) (block int64, hash string, err error) {
	err = tx.QueryRow(ctx, `SELECT block, hash FROM account_consent_chain WHERE chain = 'consents'`).Scan(&block, &hash)
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return block, hash, err
}

// selectReachable gives accounts that may act, made before a moment, in the
// order of their ids.
func selectReachable(ctx context.Context, tx *db.Tx, after ID, made time.Time, limit int) ([]Account, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (a Account, err error) {
		return a, scan(fields(&a)...)
	}, `SELECT `+accountColumns+` FROM account a
		WHERE a.id > $1 AND a.created_at < $2 AND a.state = 'active' AND a.verified_at IS NOT NULL
		ORDER BY a.id LIMIT $3`, after, made, limit)
}

func insertEvent(ctx context.Context, tx *db.Tx, id string, account ID, e Event) error {
	return tx.ExecOne(ctx, `
		INSERT INTO account_event (id, account, what, ip, user_agent, at)
		VALUES ($1, nullif($2, ''), $3, $4, $5, $6)`,
		id, account, e.What, e.Client.IP, e.Client.UserAgent, e.At)
}

func selectEvents(ctx context.Context, tx *db.Tx, account ID, limit int) ([]Event, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (e Event, err error) {
		err = scan(&e.What, &e.Client.IP, &e.Client.UserAgent, &e.At)
		return e, err
	}, `SELECT what, ip, user_agent, at FROM account_event WHERE account = $1 ORDER BY at DESC, id DESC LIMIT $2`,
		account, limit)
}

func deleteEnded(ctx context.Context, tx *db.Tx) (int64, error) {
	sessions, err := tx.Exec(ctx, `DELETE FROM account_session WHERE seen_at <= $1 OR created_at <= $2`,
		tx.Now().Add(-SessionIdle), tx.Now().Add(-SessionLife))
	if err != nil {
		return 0, err
	}
	links, err := tx.Exec(ctx, `DELETE FROM account_link WHERE expires_at <= $1`, tx.Now())
	return sessions + links, err
}
