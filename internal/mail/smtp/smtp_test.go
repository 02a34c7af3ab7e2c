package smtp_test

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"safelight/internal/mail"
	"safelight/internal/mail/mailtest"
	"safelight/internal/mail/smtp"
	"safelight/internal/queue"
)

// A server takes all messages, unless refuse says otherwise.
type server struct {
	addr   string
	refuse func(to string) error

	mu       sync.Mutex
	received [][]byte
	rcpts    []string
	logins   []string
}

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	g := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &session{s}, nil }))
	g.Domain, g.AllowInsecureAuth = "test.example", true
	go func() { _ = g.Serve(l) }()
	t.Cleanup(func() { _ = g.Close() })
	return s
}

type session struct{ s *server }

func (e *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (e *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		e.s.mu.Lock()
		defer e.s.mu.Unlock()
		e.s.logins = append(e.s.logins, user+":"+password)
		return nil
	}), nil
}
func (e *session) Mail(string, *gosmtp.MailOptions) error { return nil }
func (e *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	e.s.rcpts = append(e.s.rcpts, to)
	if e.s.refuse != nil {
		return e.s.refuse(to)
	}
	return nil
}
func (e *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	e.s.received = append(e.s.received, raw)
	return err
}
func (e *session) Reset()        {}
func (e *session) Logout() error { return nil }

func (s *server) got() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

func open(t *testing.T, address string) *smtp.Sender {
	t.Helper()
	s, err := smtp.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const from = "?from=OpenDream+%3Cshop@example.com%3E"

func TestSMTP(t *testing.T) {
	mailtest.Run(t, func(t *testing.T) mailtest.Box {
		s := serve(t)
		return mailtest.Box{Sender: open(t, "smtp://me:secret@"+s.addr+from), Received: s.got}
	})
}

func TestKeep(t *testing.T) {
	mailtest.Run(t, func(*testing.T) mailtest.Box { return mailtest.Box{Sender: mail.Keep{}} })
}

func TestTheSenderSignsInAndSaysWhoWrites(t *testing.T) {
	s := serve(t)
	if err := open(t, "smtp://me:s%3Acret@"+s.addr+from).Send(t.Context(), mailtest.Example()); err != nil {
		t.Fatal(err)
	}
	got := mailtest.Read(t, s.got()[0])
	if got.Header("From") != `"OpenDream" <shop@example.com>` || !slices.Equal(s.logins, []string{"me:s:cret"}) {
		t.Errorf("from %q, signed in as %v", got.Header("From"), s.logins)
	}
}

// Even what Send would have refused.
func TestNothingInAMessageBecomesASecondHeader(t *testing.T) {
	s := serve(t)
	sender := open(t, "smtp://"+s.addr+from)
	const evil = "x\r\nBcc: eve@example.com\r\nX-Evil: 1\r\n\r\nbody"
	for name, change := range map[string]func(m *mail.Sent){
		"subject":         func(m *mail.Sent) { m.Subject = evil },
		"recipient":       func(m *mail.Sent) { m.To = "ana@example.com\r\nBcc: eve@example.com" },
		"two recipients":  func(m *mail.Sent) { m.To = "ana@example.com, eve@example.com" },
		"header value":    func(m *mail.Sent) { m.Headers = map[string]string{"X-A": evil} },
		"header name":     func(m *mail.Sent) { m.Headers = map[string]string{"X-A: 1\r\nX-Evil": "1"} },
		"attachment name": func(m *mail.Sent) { m.Attachments[0].Name = evil },
		"attachment type": func(m *mail.Sent) { m.Attachments[0].MediaType = "text/plain\r\nX-Evil: 1" },
		"text":            func(m *mail.Sent) { m.Text = "\r\n.\r\nMAIL FROM:<eve@example.com>\r\nRCPT TO:<eve@example.com>\r\n" },
	} {
		m := mailtest.Example()
		m.Attachments = slices.Clone(m.Attachments)
		change(&m)
		before := len(s.got())
		err := sender.Send(t.Context(), m)
		if slices.ContainsFunc(s.rcpts, func(to string) bool { return strings.Contains(to, "eve") }) {
			t.Errorf("%s: it went to eve too", name)
		}
		for _, raw := range s.got()[before:] {
			head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
			for l := range strings.SplitSeq(head, "\r\n") {
				if strings.HasPrefix(l, "Bcc:") || strings.HasPrefix(l, "X-Evil:") {
					t.Errorf("%s: the line %q became a header (error %v)", name, l, err)
				}
			}
			if strings.Contains(string(raw), "\r\nX-Evil: 1\r\n") {
				t.Errorf("%s: a part has the header X-Evil", name)
			}
		}
	}
}

func TestAServerElsewhereMustSpeakTLS(t *testing.T) {
	s := serve(t)
	_, port, _ := net.SplitHostPort(s.addr)
	err := open(t, "smtp://me:secret@0.0.0.0:"+port+from).Send(t.Context(), mailtest.Example()) // reaches us, yet is no loopback address
	if err == nil || len(s.logins) > 0 || len(s.got()) > 0 {
		t.Errorf("sent in the clear: %v, signed in as %v", err, s.logins)
	}
}

func TestAFinalRefusalIsPermanentAndAnotherIsNot(t *testing.T) {
	s := serve(t)
	sender := open(t, "smtp://"+s.addr+from)
	for _, c := range []struct {
		code  int
		final bool
	}{{550, true}, {553, true}, {450, false}, {421, false}} {
		s.refuse = func(string) error {
			return &gosmtp.SMTPError{Code: c.code, EnhancedCode: gosmtp.EnhancedCode{c.code / 100, 1, 1}, Message: "no"}
		}
		err := sender.Send(t.Context(), mailtest.Example())
		if err == nil || queue.IsPermanent(err) != c.final {
			t.Errorf("%d: permanent is %v: %v", c.code, queue.IsPermanent(err), err)
		}
	}
	nobody := open(t, "smtp://127.0.0.1:1"+from)
	if err := nobody.Send(t.Context(), mailtest.Example()); err == nil || queue.IsPermanent(err) {
		t.Errorf("no server: %v", err)
	}
}

func TestAServerThatSaysNothingIsGivenUpWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- open(t, "smtp://"+l.Addr().String()+from).Send(ctx, mailtest.Example()) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("sent to nobody")
		}
	case <-time.After(10 * time.Second):
		t.Error("still waiting after 10 s")
	}
}

func TestAWrongAddressIsRefusedWithoutItsPassword(t *testing.T) {
	for _, address := range []string{"", "smtp://", "http://me:hunter2@host" + from, "smtp://me:hunter2@host", "smtp://me:hunter2@host:x" + from,
		"smtp://me:hunter2@host:99999" + from, "smtp://me:hunter2@:587" + from, "smtp://me:hunter2%zz@host" + from, "smtp://me:hunter2@host?from=nobody"} {
		_, err := smtp.Open(address)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := smtp.Open("smtps://me:hunter2@mail.example.com" + from); err != nil {
		t.Error(err)
	}
}
