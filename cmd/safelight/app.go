package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"safelight/internal/account"
	"safelight/internal/blob"
	"safelight/internal/catalog"
	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/edition"
	"safelight/internal/i18n"
	"safelight/internal/ledger"
	"safelight/internal/mail"
	"safelight/internal/mail/smtp"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/payment/sandbox"
	"safelight/internal/payment/stripe"
	"safelight/internal/policy"
	"safelight/internal/queue"
	"safelight/internal/shop"
)

// An app is a shop put together: which implementation stands behind which
// port. Serve and work differ in what they start of it.
type app struct {
	log       *slog.Logger
	clock     *clock.Shifted
	shop      *shop.Shop
	catalog   *catalog.Catalog
	shelf     *edition.Shelf
	db        *db.DB
	blobs     blob.Store
	spool     string          // folder for files on their way
	sandbox   *sandbox.Server // nil when the shop takes real money
	processor payment.Processor
	sender    mail.Sender
	people    *account.People
	desk      order.Desk
	settle    payment.Settle
	close     []func()
}

// assemble opens everything that serve and work share. The caller closes it.
func assemble(ctx context.Context, set *settings, work workSettings, base, sandboxToken string, log *slog.Logger) (a *app, err error) {
	a = &app{log: log, clock: &clock.Shifted{}}
	defer func(opened *app) { // a itself is nil by then
		if err != nil {
			opened.end()
		}
	}(a)
	if err := a.load(set.Shop); err != nil {
		return nil, usage{err}
	}
	d, closeDB, err := set.openDatabaseAt(ctx, a.clock)
	if err != nil {
		return nil, err
	}
	a.db, a.close = d, append(a.close, closeDB)
	if a.spool, err = set.openSpool(); err != nil {
		return nil, err
	}
	if a.blobs, err = set.openBlobs(ctx); err != nil {
		return nil, err
	}
	if err := a.openProcessor(ctx, work, base, sandboxToken); err != nil {
		return nil, err
	}
	if err := a.openMail(work); err != nil {
		return nil, err
	}
	if err := a.openShelf(ctx, base); err != nil { // publishes, so what can be refused is refused before
		return nil, err
	}
	a.desk = order.Desk{Shop: a.shop, Catalog: a.catalog, Policies: a.shelf.Now, Processor: a.processor.Identity(),
		BaseURL: base, Letters: a.letters(base)}
	a.settle = order.Settle(a.desk)
	return a, a.openPeople(base)
}

func (a *app) end() {
	for i := len(a.close) - 1; i >= 0; i-- {
		a.close[i]()
	}
}

func (a *app) load(dir string) (err error) {
	if a.shop, err = readShop(dir); err != nil {
		return err
	}
	if a.catalog, err = catalog.Load(a.shop); err != nil {
		return err
	}
	return policy.Check(a.shop, policyFiles(a.shop)) // nothing is opened for a faulty text
}

// openProcessor takes the real processor when the shop is live, and the
// sandbox through the very same adapter otherwise.
func (a *app) openProcessor(ctx context.Context, w workSettings, base, token string) (err error) {
	live := a.shop.Mode == shop.Live
	if live != (w.StripeKey != "") {
		return usage{errors.New("mode: live in shop.yaml and SAFELIGHT_STRIPE_KEY go together: a live shop needs the key, a sandbox must not have it")}
	}
	if live {
		if a.processor, err = stripe.New(stripe.Config{Key: w.StripeKey, Webhook: w.StripeWebhook}); err != nil {
			return usage{err}
		}
		return a.refuseRehearsal(ctx)
	}
	a.sandbox, err = sandbox.New(ctx, a.db, sandbox.Config{URL: base, Token: token, Moved: a.clock.SetOffset, Log: a.log})
	if err != nil {
		return err
	}
	if err := a.followClock(ctx); err != nil {
		return err
	}
	a.processor, err = stripe.New(stripe.Config{Key: a.sandbox.Key(), Webhook: a.sandbox.WebhookSecret(), URL: a.sandbox.API(),
		Client: &http.Client{Transport: a.sandbox.Transport(), Timeout: 20 * time.Second}})
	return err
}

// refuseRehearsal keeps credits that were bought with test cards out of a shop
// that takes real money.
func (a *app) refuseRehearsal(ctx context.Context) error {
	if !a.processor.Identity().Live {
		return nil
	}
	rehearsed, err := db.Ask(ctx, a.db, func(tx *db.Tx) (bool, error) { return payment.Rehearsed(ctx, tx) })
	if err == nil && rehearsed {
		return usage{errors.New("this database holds credits that were bought with test cards: a live shop begins with one of its own (SAFELIGHT_DATA or SAFELIGHT_DATABASE)")}
	}
	return err
}

// followClock takes over how far the shop's clock was moved, here or in
// another process.
func (a *app) followClock(ctx context.Context) error {
	ahead, err := db.Ask(ctx, a.db, func(tx *db.Tx) (time.Duration, error) { return sandbox.LoadClock(ctx, tx) })
	if err != nil {
		return err
	}
	a.clock.SetOffset(ahead)
	return nil
}

func (a *app) openMail(w workSettings) (err error) {
	if w.SMTP == "" {
		if a.shop.Mode == shop.Live {
			return usage{errors.New("SAFELIGHT_SMTP: a live shop needs a mail server")}
		}
		a.sender = mail.Keep{}
		return nil
	}
	if _, err := url.Parse(w.SMTP); err != nil {
		return usage{errors.New("SAFELIGHT_SMTP: smtp://user:password@host:587?from=shop@example.com")}
	}
	a.sender, err = smtp.Open(w.SMTP)
	return err
}

// openShelf takes the texts that are published; those in the shop's folder are,
// if it is the first time.
func (a *app) openShelf(ctx context.Context, base string) (err error) {
	a.shelf, err = edition.Open(ctx, edition.Config{DB: a.db, Files: policyFiles(a.shop), Load: loader(a.shop),
		Letters: a.letters(base), Log: a.log})
	return err
}

// policyFiles is the folder of the shop's texts.
func policyFiles(s *shop.Shop) fs.FS { return os.DirFS(filepath.Join(s.Dir, "policy")) }

// loader reads a folder of texts for the shop.
func loader(s *shop.Shop) edition.Load {
	return func(files fs.FS) (policy.Set, error) { return policy.LoadFS(s, files) }
}

func (a *app) letters(base string) mail.Shop {
	return mail.Shop{Name: a.shop.Title, Contact: a.shop.Contact.Support, BaseURL: base, Accent: a.shop.Look.Accent}
}

func (a *app) openPeople(base string) (err error) {
	c := account.Config{BaseURL: base, Shop: a.shop.Title, Statements: a.statements, Letter: a.letter, OnVerified: a.welcome}
	if err := c.Validate(); err != nil {
		return usage{err}
	}
	a.people, err = account.New(c, a.db)
	return err
}

// statements are what a person agrees to at sign-up: the documents in force.
func (a *app) statements(_ context.Context, _ *db.Tx, l i18n.Lang) ([]account.Statement, error) {
	set := a.shelf.Now()
	documents := []account.Document{edition.Proof(set[policy.Terms]), edition.Proof(set[policy.Privacy])}
	all := account.Statements(i18n.For(l), documents, a.shop.Consent[l].CrossBorder)
	for i := range all {
		if all[i].Control == account.ControlAdult {
			all[i].Text = a.shop.Consent[l].Adult
		}
	}
	return all, nil
}

// letter gives an account's message the shop's looks and queues it.
func (a *app) letter(ctx context.Context, tx *db.Tx, l account.Letter) error {
	p := i18n.For(l.Lang)
	text, html := mail.Compose(p, mail.Letter{Subject: l.Subject, Paragraphs: l.Text,
		Button: mail.Button{Label: l.Action, URL: l.URL}, Shop: a.desk.Letters})
	return mail.Send(ctx, tx, mail.Message{Key: l.Key, To: l.To, Class: mail.Transactional, Lang: l.Lang, Subject: l.Subject,
		Text: text, HTML: html, Secret: l.Secret})
}

// welcome gives a verified person the free credits that the shop offers, once.
func (a *app) welcome(ctx context.Context, tx *db.Tx, who account.Account) error {
	free := a.shop.Lab
	if free.FreeCredits == 0 {
		return nil
	}
	var expires time.Time
	if free.FreeCreditsLast > 0 {
		expires = tx.Now().Add(time.Duration(free.FreeCreditsLast))
	}
	_, err := ledger.Issue(ctx, tx, ledger.Cause{Owner: ledger.Owner(who.ID), Key: "welcome:" + string(who.ID), Source: "registration"},
		ledger.Grant{Class: ledger.Promotional, Credits: free.FreeCredits, Expires: expires})
	if err != nil {
		return fmt.Errorf("welcome %s: %w", who.ID, err)
	}
	return nil
}

// wake asks the queue to work a notice of the processor.
func wake(ctx context.Context, tx *db.Tx, inbox payment.InboxID) error {
	_, err := queue.Enqueue(ctx, tx, queue.Job{Kind: paymentWork, Key: string(inbox), Args: inbox})
	return err
}
