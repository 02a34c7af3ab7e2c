package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/i18n"
	"safelight/internal/mail"
	"safelight/internal/mail/mailtest"
	"safelight/internal/queue"
	"safelight/internal/queue/queuetest"
)

var errDown = errors.New("the server is down")

func note(key string) mail.Message {
	return mail.Message{Key: key, To: "ana@example.com", Class: mail.Transactional, Lang: i18n.English, Subject: "Hello", Text: "text", HTML: "<p>page</p>"}
}

func send(t *testing.T, d *db.DB, m mail.Message) error {
	t.Helper()
	return d.InTx(t.Context(), func(tx *db.Tx) error { return mail.Send(t.Context(), tx, m) })
}

// fails refuses the first n messages with err.
type fails struct {
	mu    sync.Mutex
	n     int
	err   error
	tries int
	taken []mail.ID
}

func (f *fails) Send(_ context.Context, m mail.Sent) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tries++; f.tries <= f.n {
		return f.err
	}
	f.taken = append(f.taken, m.ID)
	return nil
}

func start(t *testing.T, d *db.DB, s mail.Sender) {
	t.Helper()
	queuetest.Start(t, d, func(q *queue.Queue) { mail.RegisterImpatient(q, d, s) })
}

func TestAMessageIsWrittenWithItsTransactionOrNotAtAll(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		s := &fails{}
		start(t, d, s)
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if err := mail.Send(t.Context(), tx, note("never")); err != nil {
				t.Error(err)
			}
			return errDown
		})
		if !errors.Is(err, errDown) {
			t.Fatal(err)
		}
		if err := send(t, d, note("once")); err != nil {
			t.Fatal(err)
		}
		queuetest.Settle(t, d)
		all := mailtest.Inbox(t, d, "ana@example.com")
		if len(all) != 1 || all[0].Key != "once" || all[0].Stage() != mail.Taken || !all[0].SentAt.Equal(dbtest.Start) || len(s.taken) != 1 {
			t.Errorf("kept %+v, sent %v", all, s.taken)
		}
	})
}

func TestAKeyIsOneMessage(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		s := &fails{}
		for range 3 {
			if err := send(t, d, note("same")); err != nil {
				t.Fatal(err)
			}
		}
		start(t, d, s)
		queuetest.Settle(t, d)
		if err := send(t, d, note("same")); err != nil {
			t.Fatal(err)
		}
		queuetest.Settle(t, d)
		if all := mailtest.Inbox(t, d, "ana@example.com"); len(all) != 1 || len(s.taken) != 1 {
			t.Errorf("%d written, %d sent", len(all), len(s.taken))
		}
	})
}

func TestASenderThatFailsThreeTimesDeliversOnce(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		s := &fails{n: 3, err: errDown}
		if err := send(t, d, note("a")); err != nil {
			t.Fatal(err)
		}
		start(t, d, s)
		queuetest.Settle(t, d)
		m := mailtest.Last(t, d, "ana@example.com")
		if m.Stage() != mail.Taken || m.Attempts != 4 || m.LastError != "" || len(s.taken) != 1 || s.tries != 4 {
			t.Errorf("%+v after %d tries, taken %v", m, s.tries, s.taken)
		}
	})
}

func TestAMessageThatCannotBeSentIsShownToTheOperator(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		s := &fails{n: 1, err: queue.Permanent(errDown)}
		secret := note("bad")
		secret.Secret = true
		if err := send(t, d, secret); err != nil {
			t.Fatal(err)
		}
		start(t, d, s)
		queuetest.Settle(t, d)
		if err := send(t, d, note("good")); err != nil {
			t.Fatal(err)
		}
		queuetest.Settle(t, d)
		failed := list(t, d, mail.Filter{Stage: mail.Failed}, mail.Page{})
		if len(failed) != 1 || failed[0].Key != "bad" || failed[0].Attempts != 1 || !strings.Contains(failed[0].LastError, "down") || failed[0].Text != "" {
			t.Errorf("failed: %+v", failed)
		}
		if sent := list(t, d, mail.Filter{Stage: mail.Taken, Class: mail.Transactional}, mail.Page{}); len(sent) != 1 || sent[0].Key != "good" {
			t.Errorf("sent: %+v", sent)
		}
	})
}

func list(t *testing.T, d *db.DB, f mail.Filter, p mail.Page) []mail.Sent {
	t.Helper()
	all, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]mail.Sent, error) { return mail.List(t.Context(), tx, f, p) })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheListIsPaged(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		for i := range 7 {
			if err := send(t, d, note(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		keys, before := "", mail.ID("")
		for {
			p := list(t, d, mail.Filter{To: "ana@example.com", Stage: mail.Waiting}, mail.Page{Before: before, Limit: 3})
			if len(p) == 0 {
				break
			}
			for _, m := range p {
				keys += m.Key
			}
			before = p[len(p)-1].ID
		}
		if keys != "6543210" {
			t.Errorf("the pages show %s", keys)
		}
	})
}

func TestHostileFieldsAreRefused(t *testing.T) {
	with := func(change func(m *mail.Message)) mail.Message {
		m := note("x")
		change(&m)
		return m
	}
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		for _, to := range []string{"", "ana", "@example.com", "ana@", "ana@example.com\r\nBcc: eve@example.com", "ana@example.com,eve@example.com",
			"Ana <ana@example.com>", "<ana@example.com>", "ana@example.com ", "ana@exam\nple.com", "a@b@c", strings.Repeat("a", 250) + "@example.com",
			"ana@example.com;eve@example.com", "ana\x00@example.com", "ana@example.com\u2028Bcc:eve@example.com", `"ana eve"@example.com`} {
			if err := send(t, d, with(func(m *mail.Message) { m.To = to })); !errors.Is(err, mail.ErrAddress) {
				t.Errorf("to %q: %v", to, err)
			}
		}
		for name, m := range map[string]mail.Message{
			"a subject with a line break":     with(func(m *mail.Message) { m.Subject = "x\r\nBcc: eve@example.com" }),
			"a subject with a newline":        with(func(m *mail.Message) { m.Subject = "x\ny" }),
			"a subject with a NUL":            with(func(m *mail.Message) { m.Subject = "x\x00" }),
			"a subject that is no text":       with(func(m *mail.Message) { m.Subject = "\xff\xfe" }),
			"an endless subject":              with(func(m *mail.Message) { m.Subject = strings.Repeat("x", 401) }),
			"no subject":                      with(func(m *mail.Message) { m.Subject = "" }),
			"no key":                          with(func(m *mail.Message) { m.Key = "" }),
			"a header with a line break":      with(func(m *mail.Message) { m.Headers = map[string]string{"X-A": "1\r\nBcc: eve@example.com"} }),
			"a header name with a line break": with(func(m *mail.Message) { m.Headers = map[string]string{"X-A\r\nBcc": "1"} }),
			"a second recipient":              with(func(m *mail.Message) { m.Headers = map[string]string{"bcc": "eve@example.com"} }),
			"another sender":                  with(func(m *mail.Message) { m.Headers = map[string]string{"From": "eve@example.com"} }),
			"another framing":                 with(func(m *mail.Message) { m.Headers = map[string]string{"Content-Type": "text/html"} }),
			"an attachment in a folder":       with(func(m *mail.Message) { m.Attachments = []mail.Attachment{{Name: "../x", MediaType: "text/plain"}} }),
			"an attachment with a line break": with(func(m *mail.Message) { m.Attachments = []mail.Attachment{{Name: "x\r\ny", MediaType: "text/plain"}} }),
			"an attachment of no type":        with(func(m *mail.Message) { m.Attachments = []mail.Attachment{{Name: "x", MediaType: "text/plain\r\nX: y"}} }),
			"a large attachment": with(func(m *mail.Message) {
				m.Attachments = []mail.Attachment{{Name: "x", MediaType: "text/plain", Content: make([]byte, 5_000_001)}}
			}),
			"no class":                         with(func(m *mail.Message) { m.Class = "" }),
			"a receipt to unsubscribe from":    with(func(m *mail.Message) { m.Unsubscribe = "https://shop.example/u" }),
			"news that cannot be unsubscribed": with(func(m *mail.Message) { m.Class = mail.Promotional }),
			"news with a broken link":          with(func(m *mail.Message) { m.Class, m.Unsubscribe = mail.Promotional, "https://shop.example/u>\r\nX: y" }),
		} {
			if err := send(t, d, m); err == nil {
				t.Errorf("%s was written", name)
			}
		}
		if all := list(t, d, mail.Filter{}, mail.Page{}); len(all) != 0 {
			t.Errorf("%d messages were written", len(all))
		}
	})
}

func TestASecretBodyIsForgottenOnceTaken(t *testing.T) {
	for _, c := range []struct {
		name   string
		sender mail.Sender
		text   string
	}{{"a mail server has it", &fails{}, ""}, {"the sandbox keeps it", mail.Keep{}, "text"}} {
		t.Run(c.name, func(t *testing.T) {
			queuetest.Run(t, func(t *testing.T, d *db.DB) {
				m := note("s")
				m.Secret = true
				if err := send(t, d, m); err != nil {
					t.Fatal(err)
				}
				start(t, d, c.sender)
				queuetest.Settle(t, d)
				if got := mailtest.Last(t, d, m.To); got.Text != c.text || (got.HTML == "") != (c.text == "") || got.Stage() != mail.Taken {
					t.Errorf("kept %+v", got)
				}
			})
		})
	}
}

func TestPromotionalMessagesGoOnlyToWhoAskedForThem(t *testing.T) {
	const page = "https://shop.example/unsubscribe"
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		in := func(f func(ctx context.Context, tx *db.Tx) error) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx) })
		}
		news := note("news")
		news.Class, news.Unsubscribe = mail.Promotional, page+"?token=x"
		if err := send(t, d, news); !errors.Is(err, mail.ErrUnwanted) {
			t.Errorf("to who never asked: %v", err)
		}
		if err := in(func(ctx context.Context, tx *db.Tx) error { return mail.OptIn(ctx, tx, "Ana@Example.com") }); err != nil {
			t.Fatal(err)
		}
		if err := in(func(ctx context.Context, tx *db.Tx) (err error) {
			news.Unsubscribe, err = mail.UnsubscribeURL(ctx, tx, page, news.To)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := send(t, d, news); err != nil {
			t.Fatal(err)
		}
		got := mailtest.Last(t, d, news.To)
		if got.Headers["List-Unsubscribe"] != "<"+news.Unsubscribe+">" || got.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
			t.Errorf("headers %v", got.Headers)
		}
		// Before it is delivered the person unsubscribes.
		token := strings.TrimPrefix(news.Unsubscribe, page+"?token=")
		if err := in(func(ctx context.Context, tx *db.Tx) error { _, err := mail.Unsubscribe(ctx, tx, token+"x"); return err }); !errors.Is(err, mail.ErrToken) {
			t.Errorf("a wrong token: %v", err)
		}
		for range 2 {
			if err := in(func(ctx context.Context, tx *db.Tx) error {
				who, err := mail.Unsubscribe(ctx, tx, token)
				if who != "ana@example.com" {
					t.Errorf("unsubscribed %q", who)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		s := &fails{}
		start(t, d, s)
		queuetest.Settle(t, d)
		if got := mailtest.Last(t, d, news.To); got.Stage() != mail.Failed || len(s.taken) != 0 {
			t.Errorf("sent after all: %+v", got)
		}
		news.Key = "more news"
		if err := send(t, d, news); !errors.Is(err, mail.ErrUnwanted) {
			t.Errorf("after unsubscribing: %v", err)
		}
		if err := send(t, d, note("receipt")); err != nil {
			t.Errorf("a receipt after unsubscribing: %v", err)
		}
		if err := in(func(ctx context.Context, tx *db.Tx) error { return mail.OptIn(ctx, tx, news.To) }); err != nil {
			t.Fatal(err)
		}
		if err := send(t, d, news); err != nil {
			t.Errorf("after asking again: %v", err)
		}
		if err := in(func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(mail.Suppress(ctx, tx, news.To, mail.Complained), mail.OptIn(ctx, tx, news.To))
		}); err != nil {
			t.Fatal(err)
		}
		if ok, err := db.Ask(t.Context(), d, func(tx *db.Tx) (bool, error) { return mail.Wants(t.Context(), tx, news.To) }); ok || err != nil {
			t.Errorf("after a complaint it is wanted: %v, %v", ok, err)
		}
	})
}

func TestMessagesAreTriedForThreeDays(t *testing.T) {
	sum := time.Duration(0)
	for attempt := 1; attempt < mail.Attempts; attempt++ {
		sum += mail.Backoff(attempt)
	}
	if sum < 72*time.Hour || sum > 80*time.Hour {
		t.Errorf("tried for %v", sum)
	}
}
