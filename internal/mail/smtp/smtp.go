package smtp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"safelight/internal/mail"
	"safelight/internal/queue"
)

// How long a server may take for one answer.
const patience = 30 * time.Second

// A Sender hands messages to one mail server. It is safe for concurrent use.
type Sender struct {
	host    string
	options []gomail.Option
	from    *netmail.Address
	tls     bool // from the first byte
}

var errAddress = errors.New("smtp: the address is like smtp://user:password@host:587?from=shop@example.com")

// Open reads the server's address. It connects to nothing: a server that is
// down is tried again for each message.
func Open(address string) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil { // its text has the password
		return nil, errAddress
	}
	from, err := netmail.ParseAddress(u.Query().Get("from"))
	if err != nil {
		return nil, fmt.Errorf("%w: from: %w", errAddress, err)
	}
	s := &Sender{host: u.Hostname(), from: from}
	port, err := strconv.Atoi(u.Port())
	if u.Port() == "" {
		port, err = map[string]int{"smtp": 587, "smtps": 465}[u.Scheme], nil
	}
	if err != nil || s.host == "" || port == 0 {
		return nil, errAddress
	}
	s.options = []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(patience), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	switch {
	case u.Scheme == "smtps":
		s.tls = true
		s.options = append(s.options, gomail.WithSSL())
	case u.Scheme != "smtp":
		return nil, errAddress
	case loopback(s.host):
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	s.authenticate(u.User)
	if _, err := gomail.NewClient(s.host, s.options...); err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return s, nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

func (s *Sender) authenticate(user *url.Userinfo) {
	password, ok := user.Password()
	if !ok {
		return
	}
	way := gomail.SMTPAuthAutoDiscover
	if loopback(s.host) {
		way = gomail.SMTPAuthPlainNoEnc
	}
	s.options = append(s.options, gomail.WithSMTPAuth(way), gomail.WithUsername(user.Username()), gomail.WithPassword(password))
}

// Send hands over one message.
func (s *Sender) Send(ctx context.Context, m mail.Sent) error {
	msg, err := s.message(m)
	if err != nil {
		return queue.Permanent(fmt.Errorf("smtp: %s: %w", m.ID, err))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := gomail.NewClient(s.host, append(slices.Clone(s.options), gomail.WithDialContextFunc(s.dial(ctx)))...)
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	if err := c.DialAndSendWithContext(ctx, msg); err != nil && !taken(msg) {
		return judged(fmt.Errorf("smtp: %s: %w", m.ID, err), err)
	}
	return nil
}

// dial connects for as long as ctx lasts: a server that falls silent does not
// outlive it.
func (s *Sender) dial(ctx context.Context) gomail.DialContextFunc {
	return func(dialling context.Context, network, address string) (net.Conn, error) {
		plain := &net.Dialer{Timeout: patience}
		connect := plain.DialContext
		if s.tls {
			connect = (&tls.Dialer{NetDialer: plain, Config: &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}}).DialContext
		}
		c, err := connect(dialling, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = c.Close() })
		}
		return c, err
	}
}

// taken reports whether the server took the message, whatever came after.
func taken(m *gomail.Msg) bool { return m.IsDelivered() }

// judged marks a final refusal of this message as permanent.
func judged(err, cause error) error {
	var refused *gomail.SendError
	if errors.As(cause, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return queue.Permanent(err)
	}
	return err
}

func (s *Sender) message(m mail.Sent) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	if err := msg.To(m.To); err != nil {
		return nil, err
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.CreatedAt)
	_, domain, _ := strings.Cut(s.from.Address, "@")
	msg.SetMessageIDWithValue(string(m.ID) + "@" + domain)
	if m.Class == mail.Transactional {
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		if strings.ContainsAny(name+m.Headers[name], "\r\n\x00") {
			return nil, fmt.Errorf("the header %q is not one line", name)
		}
		msg.SetGenHeader(gomail.Header(name), m.Headers[name])
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		err := msg.AttachReader(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(a.MediaType)))
		if err != nil {
			return nil, err
		}
	}
	return msg, nil
}
