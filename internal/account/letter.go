package account

import (
	"context"
	"fmt"
	"net/url"

	"safelight/internal/db"
	"safelight/internal/i18n"
)

// The pages that links in letters lead to, with ?token=.
const (
	VerifyPath = "/verify"
	ResetPath  = "/password/reset"
	SignInPath = "/sign-in"
	ForgotPath = "/password/forgot"
)

// A Letter is a message to a person about the account, to be given its looks
// by mail. All are transactional: they are sent whatever was unsubscribed.
type Letter struct {
	Key     string // unique: the same key is the same letter
	To      string
	Lang    i18n.Lang
	Subject string
	Text    []string // paragraphs
	Action  string   // what the button says; empty for none
	URL     string
	Secret  bool // the URL acts for the person: not to be kept once sent
}

func (p *People) letter(ctx context.Context, tx *db.Tx, a Account, kind, key, path, token string) error {
	t := i18n.For(a.Locale)
	message, shop := "account.letter_"+kind, i18n.Args{"shop": p.cfg.Shop}
	l := Letter{Key: "account." + kind + ":" + key, To: a.deliver(), Lang: t.Lang,
		Subject: t.T(message+"_subject", shop),
		Text:    []string{t.T(message+"_text", shop), t.T(message+"_otherwise", shop)},
		Action:  t.T(message+"_action", shop),
		URL:     p.cfg.BaseURL + path}
	if token != "" {
		l.URL += "?" + url.Values{"token": {token}}.Encode()
		l.Secret = true
	}
	if err := p.cfg.Letter(ctx, tx, l); err != nil {
		return fmt.Errorf("account: letter %s: %w", kind, err)
	}
	return nil
}
