package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"safelight/internal/db"
)

func insert(ctx context.Context, tx *db.Tx, mail ID, m Message) (fresh bool, err error) {
	headers, err := json.Marshal(m.Headers)
	if err != nil {
		return false, err
	}
	attached, err := json.Marshal(m.Attachments)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO mail_message (id, key, recipient, class, lang, subject, text, html, headers, attachments, secret, unsubscribe,
			created_at, attempts, last_error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, '') ON CONFLICT (key) DO NOTHING`,
		mail, m.Key, m.To, m.Class, m.Lang, m.Subject, m.Text, m.HTML, string(headers), string(attached), m.Secret, m.Unsubscribe, tx.Now())
	return n == 1, err
}

const columns = `id, key, recipient, class, lang, subject, text, html, headers, attachments, secret, unsubscribe,
	created_at, sent_at, given_up_at, attempts, last_error`

func scan(scan func(...any) error) (m Sent, err error) {
	var headers, attached string
	err = scan(&m.ID, &m.Key, &m.To, &m.Class, &m.Lang, &m.Subject, &m.Text, &m.HTML, &headers, &attached, &m.Secret, &m.Unsubscribe,
		&m.CreatedAt, &m.SentAt, &m.GivenUpAt, &m.Attempts, &m.LastError)
	if err != nil {
		return m, err
	}
	return m, errors.Join(json.Unmarshal([]byte(headers), &m.Headers), json.Unmarshal([]byte(attached), &m.Attachments))
}

func find(ctx context.Context, tx *db.Tx, mail ID) (Sent, error) {
	m, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM mail_message WHERE id = $1`, mail).Scan)
	if err != nil {
		return m, fmt.Errorf("mail: find %s: %w", mail, err)
	}
	return m, nil
}

func recordFailure(ctx context.Context, tx *db.Tx, mail ID, why string) error {
	return tx.ExecOne(ctx, `UPDATE mail_message SET attempts = attempts + 1, last_error = $1 WHERE id = $2`, why, mail)
}

// recordSent notes that a mail server has the message; a secret body is
// forgotten then.
func recordSent(ctx context.Context, tx *db.Tx, mail ID, forget bool) error {
	err := tx.ExecOne(ctx, `UPDATE mail_message SET attempts = attempts + 1, last_error = '', sent_at = $1 WHERE id = $2`, tx.Now(), mail)
	if err != nil || !forget {
		return err
	}
	return tx.ExecOne(ctx, `UPDATE mail_message SET text = '', html = '' WHERE id = $1`, mail)
}

// giveUp notes that a message will not be sent; its secret body is of no more
// use.
func giveUp(ctx context.Context, tx *db.Tx, mail ID, why string) error {
	return tx.ExecOne(ctx, `
		UPDATE mail_message SET given_up_at = $1, last_error = $2,
			text = CASE WHEN secret = 1 THEN '' ELSE text END, html = CASE WHEN secret = 1 THEN '' ELSE html END
		WHERE id = $3 AND sent_at IS NULL`, tx.Now(), why, mail)
}

func list(ctx context.Context, tx *db.Tx, f Filter, p Page) ([]Sent, error) {
	all, err := db.All(ctx, tx, scan, `
		SELECT `+columns+` FROM mail_message
		WHERE ($1 = '' OR recipient = $1) AND ($2 = '' OR class = $2) AND ($3 = '' OR id < $3)
			AND ($4 = '' OR $4 = CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN given_up_at IS NOT NULL THEN 'failed' ELSE 'waiting' END)
		ORDER BY id DESC LIMIT $5`, f.To, f.Class, p.Before, f.Stage, p.Limit)
	if err != nil {
		return nil, fmt.Errorf("mail: list: %w", err)
	}
	return all, nil
}

func subscribe(ctx context.Context, tx *db.Tx, address, token string) error {
	_, err := tx.Exec(ctx, `INSERT INTO mail_subscriber (address, token, since) VALUES ($1, $2, $3) ON CONFLICT (address) DO NOTHING`, address, token, tx.Now())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM mail_suppression WHERE address = $1 AND reason = $2`, address, Unsubscribed)
	return err
}

func suppress(ctx context.Context, tx *db.Tx, address, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO mail_suppression (address, reason, since) VALUES ($1, $2, $3) ON CONFLICT (address) DO NOTHING`, address, reason, tx.Now())
	return err
}

func subscribed(ctx context.Context, tx *db.Tx, address string) (bool, error) {
	n := 0
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM mail_subscriber s
		WHERE s.address = $1 AND NOT EXISTS (SELECT 1 FROM mail_suppression x WHERE x.address = s.address)`, address).Scan(&n)
	return n == 1, err
}

func tokenOf(ctx context.Context, tx *db.Tx, address string) (token string, err error) {
	err = tx.QueryRow(ctx, `SELECT token FROM mail_subscriber WHERE address = $1`, address).Scan(&token)
	return token, err
}

func byToken(ctx context.Context, tx *db.Tx, token string) (address string, err error) {
	err = tx.QueryRow(ctx, `SELECT address FROM mail_subscriber WHERE token = $1`, token).Scan(&address)
	return address, err
}
