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
		INSERT INTO mail_message (id, key, recipient, class, lang, subject, text, html, headers, attachments, secret, created_at, attempts, last_error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '') ON CONFLICT (key) DO NOTHING`,
		mail, m.Key, m.To, m.Class, m.Lang, m.Subject, m.Text, m.HTML, string(headers), string(attached), m.Secret, tx.Now())
	return n == 1, err
}

const columns = `id, key, recipient, class, lang, subject, text, html, headers, attachments, secret, created_at, sent_at, attempts, last_error`

func scan(scan func(...any) error) (m Sent, err error) {
	var headers, attached string
	err = scan(&m.ID, &m.Key, &m.To, &m.Class, &m.Lang, &m.Subject, &m.Text, &m.HTML, &headers, &attached, &m.Secret, &m.CreatedAt, &m.SentAt, &m.Attempts, &m.LastError)
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

// record notes an attempt; a secret body is forgotten when it was taken.
func record(ctx context.Context, tx *db.Tx, mail ID, failed error, forget bool) error {
	if failed != nil {
		return tx.ExecOne(ctx, `UPDATE mail_message SET attempts = attempts + 1, last_error = $1 WHERE id = $2`, failed.Error(), mail)
	}
	return tx.ExecOne(ctx, `UPDATE mail_message SET attempts = attempts + 1, last_error = '', sent_at = $1,
		text = CASE WHEN $2 = 1 THEN '' ELSE text END, html = CASE WHEN $2 = 1 THEN '' ELSE html END WHERE id = $3`, tx.Now(), forget, mail)
}

// Mailbox gives the newest messages: for the sandbox's page, and the operator.
func Mailbox(ctx context.Context, tx *db.Tx, limit int) ([]Sent, error) {
	return db.All(ctx, tx, scan, `SELECT `+columns+` FROM mail_message ORDER BY created_at DESC, id DESC LIMIT $1`, limit)
}
