package edition

import (
	"context"
	"strings"
	"time"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
)

// A head is the newest edition of a document.
type head struct {
	name    string
	number  int64
	version string
	hash    string
	seal    string
}

// lockHead holds the document's row, one of number 0 if nothing is published,
// until tx ends.
func lockHead(ctx context.Context, tx *db.Tx, name string) (h head, err error) {
	h.name = name
	err = tx.QueryRow(ctx, `
		INSERT INTO edition_head (name, number, version, hash, seal) VALUES ($1, 0, '', '', '')
		ON CONFLICT (name) DO UPDATE SET number = edition_head.number
		RETURNING number, version, hash, seal`, name).Scan(&h.number, &h.version, &h.hash, &h.seal)
	return h, err
}

func selectHeads(ctx context.Context, tx *db.Tx) ([]head, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (h head, err error) {
		return h, scan(&h.name, &h.number, &h.version, &h.hash, &h.seal)
	}, `SELECT name, number, version, hash, seal FROM edition_head ORDER BY name`)
}

func insertPublication(ctx context.Context, tx *db.Tx, p PublicationID, how How) error {
	return tx.ExecOne(ctx, `
		INSERT INTO edition_publication (id, material, note, published_by, published_at) VALUES ($1, $2, $3, $4, $5)`,
		p, how.Material, how.Note, how.By, tx.Now())
}

func insertEdition(ctx context.Context, tx *db.Tx, e Edition, files folder, pages []Page) error {
	all := []db.Statement{{Query: `
		INSERT INTO edition (hash, name, number, version, prevailing, effective_at, in_force_at, publication, seal)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		Args: []any{e.Hash, e.Name, e.Number, e.Version, e.Prevailing, e.Effective, e.InForce, e.Publication, e.seal}}}
	for _, name := range files.names() {
		l := string(e.Prevailing)
		if name != e.Name+".md" {
			l = strings.TrimSuffix(strings.TrimPrefix(name, e.Name+"."), ".md")
		}
		all = append(all, db.Statement{Query: `INSERT INTO edition_file (edition, file, lang, bytes, hash) VALUES ($1, $2, $3, $4, $5)`,
			Args: []any{e.Hash, name, l, string(files[name]), digest(files[name])}})
	}
	for _, p := range pages {
		all = append(all, db.Statement{Query: `INSERT INTO edition_page (edition, lang, title, statement, html, hash) VALUES ($1, $2, $3, $4, $5, $6)`,
			Args: []any{e.Hash, p.Lang, p.Title, p.Statement, p.HTML, p.Hash}})
	}
	all = append(all, db.Statement{Query: `UPDATE edition_head SET number = $1, version = $2, hash = $3, seal = $4 WHERE name = $5`,
		Args: []any{e.Number, e.Version, e.Hash, e.seal, e.Name}})
	return tx.Together(ctx, all...)
}

// selectEditions gives all editions, the newest of each name first.
func selectEditions(ctx context.Context, tx *db.Tx) ([]Edition, error) {
	all, err := db.All(ctx, tx, func(scan func(...any) error) (e Edition, err error) {
		return e, scan(&e.Hash, &e.Name, &e.Number, &e.Version, &e.Prevailing, &e.PrevailingHash, &e.Effective, &e.InForce,
			&e.Publication, &e.Material, &e.Note, &e.By, &e.Published, &e.seal)
	}, `SELECT e.hash, e.name, e.number, e.version, e.prevailing, f.hash, e.effective_at, e.in_force_at,
			p.id, p.material, p.note, p.published_by, p.published_at, e.seal
		FROM edition e JOIN edition_publication p ON p.id = e.publication
		JOIN edition_file f ON f.edition = e.hash AND f.file = e.name || '.md'
		ORDER BY e.name, e.number DESC`)
	if err != nil {
		return nil, err
	}
	known, err := selectTitles(ctx, tx)
	for i := range all {
		all[i].Titles = known[all[i].Hash]
	}
	return all, err
}

func selectTitles(ctx context.Context, tx *db.Tx) (map[string]map[i18n.Lang]string, error) {
	all := map[string]map[i18n.Lang]string{}
	return all, tx.Together(ctx, db.Statement{Query: `SELECT edition, lang, title FROM edition_page`,
		Row: func(scan func(...any) error) error {
			var hash, title string
			var l i18n.Lang
			err := scan(&hash, &l, &title)
			if all[hash] == nil {
				all[hash] = map[i18n.Lang]string{}
			}
			all[hash][l] = title
			return err
		}})
}

func titles(pages []Page) map[i18n.Lang]string {
	all := map[i18n.Lang]string{}
	for _, p := range pages {
		all[p.Lang] = p.Title
	}
	return all
}

func selectPages(ctx context.Context, tx *db.Tx, hash string) ([]Page, error) {
	return db.All(ctx, tx, func(scan func(...any) error) (p Page, err error) {
		return p, scan(&p.Lang, &p.Title, &p.Statement, &p.HTML, &p.Hash)
	}, `SELECT lang, title, statement, html, hash FROM edition_page WHERE edition = $1`, hash)
}

func selectFiles(ctx context.Context, tx *db.Tx, hash string) (folder, error) {
	all := folder{}
	return all, tx.Together(ctx, db.Statement{Query: `SELECT file, bytes FROM edition_file WHERE edition = $1`, Args: []any{hash},
		Row: func(scan func(...any) error) error {
			var name, text string
			err := scan(&name, &text)
			all[name] = []byte(text)
			return err
		}})
}

func selectFileHashes(ctx context.Context, tx *db.Tx, hash string) (map[string]string, error) {
	all := map[string]string{}
	return all, tx.Together(ctx, db.Statement{Query: `SELECT file, hash FROM edition_file WHERE edition = $1`, Args: []any{hash},
		Row: func(scan func(...any) error) error {
			var name, kept string
			err := scan(&name, &kept)
			all[name] = kept
			return err
		}})
}

// eachText streams every stored text with its hash.
func eachText(ctx context.Context, tx *db.Tx, each func(what, text, hash string) error) error {
	return tx.Together(ctx, db.Statement{Query: `
		SELECT 'edition_file ' || e.version || ' ' || f.file, f.bytes, f.hash FROM edition_file f JOIN edition e ON e.hash = f.edition
		UNION ALL
		SELECT 'edition_page ' || e.version || ' ' || e.name || ' in ' || p.lang, p.html, p.hash FROM edition_page p JOIN edition e ON e.hash = p.edition`,
		Row: func(scan func(...any) error) error {
			var what, text, hash string
			if err := scan(&what, &text, &hash); err != nil {
				return err
			}
			return each(what, text, hash)
		}})
}

// A mailing is how far the letters about a publication are.
type mailing struct {
	reached   account.ID
	told      int64
	done      time.Time
	published time.Time
}

func insertMailing(ctx context.Context, tx *db.Tx, p PublicationID) error {
	return tx.ExecOne(ctx, `INSERT INTO edition_mailing (publication, reached, told) VALUES ($1, '', 0)`, p)
}

func selectMailing(ctx context.Context, tx *db.Tx, p PublicationID) (m mailing, err error) {
	err = tx.QueryRow(ctx, `
		SELECT m.reached, m.told, m.done_at, p.published_at
		FROM edition_mailing m JOIN edition_publication p ON p.id = m.publication WHERE p.id = $1`, p).
		Scan(&m.reached, &m.told, &m.done, &m.published)
	return m, err
}

// advance moves a mailing on from where it was; false when another has done so.
func advance(ctx context.Context, tx *db.Tx, p PublicationID, from, to mailing) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE edition_mailing SET reached = $1, told = $2, done_at = $3
		WHERE publication = $4 AND reached = $5 AND done_at IS NULL`, to.reached, to.told, to.done, p, from.reached)
	return n == 1, err
}

func selectUnfinished(ctx context.Context, tx *db.Tx) ([]PublicationID, error) {
	return db.All(ctx, tx, db.One[PublicationID], `SELECT publication FROM edition_mailing WHERE done_at IS NULL ORDER BY publication`)
}

// markSeen notes up to which edition of its name an account has dismissed the
// notices; false when there is no such edition.
func markSeen(ctx context.Context, tx *db.Tx, who account.ID, hash string) (bool, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO edition_seen (account, name, number, at)
		SELECT CAST($1 AS TEXT), name, number, CAST($3 AS BIGINT) FROM edition WHERE hash = $2
		ON CONFLICT (account, name) DO UPDATE SET at = excluded.at,
			number = CASE WHEN excluded.number > edition_seen.number THEN excluded.number ELSE edition_seen.number END`,
		who, hash, tx.Now())
	return n == 1, err
}

// selectSeen gives up to which number an account has dismissed, by document.
func selectSeen(ctx context.Context, tx *db.Tx, who account.ID) (map[string]int64, error) {
	all := map[string]int64{}
	return all, tx.Together(ctx, db.Statement{Query: `SELECT name, number FROM edition_seen WHERE account = $1`, Args: []any{who},
		Row: func(scan func(...any) error) error {
			var name string
			var number int64
			err := scan(&name, &number)
			all[name] = number
			return err
		}})
}

func insertUse(ctx context.Context, tx *db.Tx, who account.ID, hash string) (first bool, err error) {
	n, err := tx.Exec(ctx, `INSERT INTO edition_use (account, edition, at) VALUES ($1, $2, $3) ON CONFLICT (account, edition) DO NOTHING`,
		who, hash, tx.Now())
	return n == 1, err
}
