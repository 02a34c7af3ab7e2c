package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"safelight/internal/clock"
	"safelight/internal/db/dbtest"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/obs"
)

// A lockedBuffer is a log that handlers write to at once.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func site(t testing.TB, change func(*Config)) (*Site, *lockedBuffer) {
	t.Helper()
	c := Config{BaseURL: "https://photos.example.com", TrustedProxies: []string{"10.0.0.0/8", "192.0.2.1"},
		FormTargets: []string{"https://checkout.example.net"}, Foreign: []string{"POST /webhooks/"}}
	if change != nil {
		change(&c)
	}
	log := &lockedBuffer{}
	s, err := New(c, obs.NewLog(log, obs.Config{Format: "json"}), obs.NewMetrics(), ProblemJSON)
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

type mutate func(*http.Request)

func header(name, value string) mutate { return func(r *http.Request) { r.Header.Add(name, value) } }

func from(addr string) mutate { return func(r *http.Request) { r.RemoteAddr = addr } }

func send(t testing.TB, h http.Handler, method, target, body string, changes ...mutate) *httptest.ResponseRecorder {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, target, content)
	for _, c := range changes {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func fails(s *Site, err error) http.Handler {
	return s.Wrap(s.Handle(func(http.ResponseWriter, *http.Request) error { return err }))
}

func TestEachKindOfErrorHasItsStatus(t *testing.T) {
	s, _ := site(t, nil)
	for kind, want := range map[fault.Kind]int{
		fault.Invalid: 422, fault.Malformed: 400, fault.Unauthenticated: 401, fault.Payment: 402, fault.Forbidden: 403,
		fault.NotFound: 404, fault.Conflict: 409, fault.Gone: 410, fault.TooLarge: 413, fault.Unsupported: 415,
		fault.RateLimited: 429, fault.Unavailable: 503, fault.Internal: 500, "strange": 500,
	} {
		w := send(t, fails(s, fmt.Errorf("lab: %w", fault.New(kind, "x.y", "Sentence."))), "GET", "/", "")
		var p struct {
			Type, Title, Detail, Code string
			Status                    int
			RequestID                 string `json:"request_id"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if w.Code != want || p.Status != want || p.Code != "y" || p.Title == "" || p.Type == "" || p.Detail != "Sentence." ||
			p.RequestID != w.Header().Get("X-Request-Id") || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %+v", kind, w.Code, p)
		}
	}
}

func TestAnInternalErrorShowsNothing(t *testing.T) {
	secret := "pq: password for user admin at 10.0.0.9"
	for name, h := range map[string]func(s *Site) http.Handler{
		"returned": func(s *Site) http.Handler { return fails(s, errors.New(secret)) },
		"panicked": func(s *Site) http.Handler {
			return s.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(secret) }))
		},
	} {
		s, log := site(t, nil)
		w := send(t, h(s), "GET", "/account?token=SECRET", "")
		id := w.Header().Get("X-Request-Id")
		if w.Code != 500 || strings.Contains(w.Body.String(), "pq") || !strings.Contains(w.Body.String(), id) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if n := strings.Count(log.String(), secret); n != 1 || !strings.Contains(log.String(), id) || strings.Contains(log.String(), "SECRET") {
			t.Errorf("%s: logged %d times: %s", name, n, log)
		}
	}
}

func TestErrorsSpeakTheReadersLanguage(t *testing.T) {
	s, _ := site(t, nil)
	err := errors.Join(fault.New(fault.Invalid, "fault.invalid", "x").On("email"), ErrFormText.On("name"))
	w := send(t, fails(s, err), "GET", "/", "", header("Accept-Language", "ru"))
	if !strings.Contains(w.Body.String(), "недопустимые") || !strings.Contains(w.Body.String(), `"email"`) {
		t.Error(w.Body)
	}
	w = send(t, fails(s, TooMany(90*time.Second)), "GET", "/", "", header("Accept-Language", "es"))
	if w.Code != 429 || w.Header().Get("Retry-After") != "90" || !strings.Contains(w.Body.String(), "90 segundos") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	for l, want := range map[i18n.Lang]string{i18n.English: "1 second", i18n.Russian: "через 1 секунду"} {
		if got := Sentence(i18n.For(l), TooMany(time.Millisecond)); !strings.Contains(got, want) {
			t.Errorf("%s: %s", l, got)
		}
	}
}

func TestTheLanguageIsTheChosenThenTheAccountsThenTheBrowsers(t *testing.T) {
	s, _ := site(t, nil)
	for _, c := range []struct {
		cookie, account, browser string
		want                     i18n.Lang
	}{{"ru", "es", "en", "ru"}, {"", "es", "ru", "es"}, {"", "", "ru-RU,en;q=0.5", "ru"}, {"xx", "", "", "en"}} {
		h := s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			PreferLang(r.Context(), i18n.Lang(c.account))
			if got := Lang(r.Context()); got != c.want {
				t.Errorf("%+v: %s", c, got)
			}
		}))
		send(t, h, "GET", "/", "", header("Accept-Language", c.browser), header("Cookie", "__Host-lang="+c.cookie))
	}
}

func TestEveryAnswerHasTheProtectingHeaders(t *testing.T) {
	s, _ := site(t, nil)
	for name, h := range map[string]http.Handler{
		"page": s.Wrap(http.NotFoundHandler()), "error": fails(s, errors.New("x")), "health": s.Wrap(s.Healthz()),
	} {
		w := send(t, h, "GET", "/", "")
		csp := w.Header().Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
			"form-action 'self' https://checkout.example.net", "upgrade-insecure-requests"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %s: %s", name, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: a weak policy: %s", name, csp)
		}
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
	}
	plain, _ := site(t, func(c *Config) { c.BaseURL = "http://127.0.0.1:8080" })
	if w := send(t, plain.Wrap(plain.Healthz()), "GET", "/", ""); w.Header().Get("Strict-Transport-Security") != "" {
		t.Error("plain http promises https")
	}
}

func TestAnotherSiteChangesNothing(t *testing.T) {
	s, _ := site(t, nil)
	h := s.Wrap(s.Healthz())
	for _, c := range []struct {
		name, method, path string
		changes            []mutate
		want               int
	}{
		{"a form of ours", "POST", "/orders", []mutate{header("Sec-Fetch-Site", "same-origin")}, 200},
		{"a form of ours by an old browser", "POST", "/orders", []mutate{header("Origin", "https://photos.example.com")}, 200},
		{"a form of another site", "POST", "/orders", []mutate{header("Sec-Fetch-Site", "cross-site")}, 403},
		{"a form of a sister site", "POST", "/orders", []mutate{header("Sec-Fetch-Site", "same-site")}, 403},
		{"a foreign origin", "POST", "/orders", []mutate{header("Origin", "https://evil.example")}, 403},
		{"an opaque origin", "POST", "/orders", []mutate{header("Origin", "null")}, 403},
		{"a foreign delete", "DELETE", "/images", []mutate{header("Sec-Fetch-Site", "cross-site")}, 403},
		{"a program with a token", "POST", "/api/v1/jobs", []mutate{header("Authorization", "Bearer slt_x"), header("Origin", "https://app.example")}, 200},
		{"a webhook", "POST", "/webhooks/stripe", []mutate{header("Origin", "https://processor.example")}, 200},
		{"a link from another site", "GET", "/", []mutate{header("Sec-Fetch-Site", "cross-site")}, 200},
	} {
		if w := send(t, h, c.method, "https://photos.example.com"+c.path, "", c.changes...); w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.want)
		}
	}
}

func TestOnlyATrustedProxyNamesTheClient(t *testing.T) {
	s, _ := site(t, nil)
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"203.0.113.7:4711", nil, "203.0.113.7"},
		{"203.0.113.7:4711", []string{"198.51.100.1"}, "203.0.113.7"},
		{"10.1.2.3:4711", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.1.2.3:4711", []string{"6.6.6.6, 198.51.100.1"}, "198.51.100.1"},
		{"10.1.2.3:4711", []string{"6.6.6.6", "198.51.100.1, 192.0.2.1"}, "198.51.100.1"},
		{"10.1.2.3:4711", []string{"6.6.6.6, rubbish"}, "10.1.2.3"},
		{"10.1.2.3:4711", []string{"10.9.9.9"}, "10.9.9.9"},
		{"[::ffff:10.1.2.3]:4711", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"[2001:db8::1]:4711", []string{"198.51.100.1"}, "2001:db8::1"},
	} {
		h := s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := ClientIP(r.Context()).String(); got != c.want {
				t.Errorf("%+v: %s", c, got)
			}
		}))
		changes := []mutate{from(c.peer)}
		for _, f := range c.forwarded {
			changes = append(changes, header("X-Forwarded-For", f))
		}
		send(t, h, "GET", "/", "", changes...)
	}
	for _, c := range []struct {
		peer, given string
		kept        bool
	}{{"10.1.2.3:1", "trace-0123456789", true}, {"203.0.113.7:1", "trace-0123456789", false}, {"10.1.2.3:1", "a b\nc level=ERROR", false}} {
		w := send(t, s.Wrap(s.Healthz()), "GET", "/", "", from(c.peer), header("X-Request-Id", c.given))
		if (w.Header().Get("X-Request-Id") == c.given) != c.kept {
			t.Errorf("%+v: %s", c, w.Header().Get("X-Request-Id"))
		}
	}
}

func TestANetworkIsAnAddressOrAnIPv6Subnet(t *testing.T) {
	s, _ := site(t, nil)
	for addr, want := range map[string]string{"203.0.113.7:1": "203.0.113.7", "[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64", "rubbish": ""} {
		h := s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := ByIP(r); got != want {
				t.Errorf("%s: %q", addr, got)
			}
		}))
		send(t, h, "GET", "/", "", from(addr))
	}
}

func TestCookiesAreForThisHostAlone(t *testing.T) {
	s, _ := site(t, nil)
	w := httptest.NewRecorder()
	s.SetCookie(w, SessionCookie, "tok", time.Hour)
	if got := w.Header().Get("Set-Cookie"); got != "__Host-session=tok; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax" {
		t.Error(got)
	}
	plain, _ := site(t, func(c *Config) { c.BaseURL = "http://127.0.0.1:8080" })
	w = httptest.NewRecorder()
	plain.SetCookie(w, SessionCookie, "tok", time.Hour)
	if got := w.Header().Get("Set-Cookie"); got != "session=tok; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax" {
		t.Error(got)
	}
	for cookie, want := range map[string]string{"__Host-session=a": "a", "session=a": "", "__Host-session=a; __Host-session=b": ""} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Header.Set("Cookie", cookie)
		if got := s.Cookie(r, SessionCookie); got != want {
			t.Errorf("%s gives %q", cookie, got)
		}
	}
}

type person string

func TestACredentialIsASessionOrAToken(t *testing.T) {
	s, _ := site(t, nil)
	find := func(_ context.Context, c Credential) (person, error) {
		if c.Token == "good-"+string(c.Via) {
			return person("ana"), nil
		}
		if c.Token == "broken" {
			return "", errors.New("no database")
		}
		return "", fault.Unauthenticated
	}
	h := s.Wrap(Identify(s, find)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := Viewer[person](r.Context())
		fmt.Fprintf(w, "%s %v", v, ok)
	})))
	for _, c := range []struct {
		cookie, authorization string
		status                int
		body                  string
	}{
		{"", "", 200, " false"},
		{"good-cookie", "", 200, "ana true"},
		{"stale", "", 200, " false"},
		{"broken", "", 500, ""},
		{"", "Bearer good-bearer", 200, "ana true"},
		{"", "bearer good-bearer", 200, "ana true"},
		{"", "Bearer good-cookie", 401, ""},
		{"good-cookie", "Bearer wrong", 401, ""},
		{"good-cookie", "Basic YTpi", 401, ""},
		{"good-bearer", "", 200, " false"},
	} {
		changes := []mutate{}
		if c.cookie != "" {
			changes = append(changes, header("Cookie", "__Host-session="+c.cookie))
		}
		if c.authorization != "" {
			changes = append(changes, header("Authorization", c.authorization))
		}
		w := send(t, h, "GET", "/", "", changes...)
		if w.Code != c.status || c.status == 200 && w.Body.String() != c.body {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
		if cleared := strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0"); cleared != (c.cookie == "stale" || c.cookie == "good-bearer") {
			t.Errorf("%+v: cleared %v", c, cleared)
		}
	}
}

func TestABodyLargerThanAllowedIsRefused(t *testing.T) {
	s, _ := site(t, func(c *Config) { c.MaxBody = 100 })
	read := func(allow int64) http.Handler {
		return s.Wrap(s.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if allow > 0 {
				AllowBody(r.Context(), allow)
			}
			data, err := io.ReadAll(r.Body)
			fmt.Fprint(io.Discard, len(data))
			return err
		}))
	}
	for _, c := range []struct {
		allow int64
		size  int
		want  int
	}{{0, 100, 200}, {0, 101, 413}, {1000, 1000, 200}, {1000, 1001, 413}, {50, 60, 413}} {
		if w := send(t, read(c.allow), "POST", "/", strings.Repeat("x", c.size)); w.Code != c.want {
			t.Errorf("%+v: %d", c, w.Code)
		}
		chunked := func(r *http.Request) { r.ContentLength = -1 }
		if w := send(t, read(c.allow), "POST", "/", strings.Repeat("x", c.size), chunked); w.Code != c.want {
			t.Errorf("%+v in chunks: %d", c, w.Code)
		}
	}
}

func TestAFormHasEachFieldOnce(t *testing.T) {
	s, _ := site(t, nil)
	h := s.Wrap(s.Handle(func(w http.ResponseWriter, r *http.Request) error {
		f, err := ReadForm(r, "tag")
		if err == nil {
			fmt.Fprintf(w, "%s %v %v", f.Get("email"), f.All("tag"), f.Ticked("adult"))
		}
		return err
	}))
	for body, want := range map[string]string{
		"email=ana%40example.com&adult=on&tag=a&tag=b": "ana@example.com [a b] true",
		"email=a&email=b": "400", "email=%ff": "400", "email=a%00b": "400", "email=%zz": "400", "x=" + strings.Repeat("y", 1<<20): "413",
		"adult=": " [] false",
	} {
		w := send(t, h, "POST", "/?email=planted&adult=on", body, header("Content-Type", "application/x-www-form-urlencoded"))
		if got := w.Body.String(); w.Code == 200 && got != want || w.Code != 200 && fmt.Sprint(w.Code) != want {
			t.Errorf("%.40s: %d %.80s, want %s", body, w.Code, got, want)
		}
	}
}

func TestABurstIsLimitedByKeyAndForgivenWithTime(t *testing.T) {
	s, _ := site(t, nil)
	c := clock.NewManual(dbtest.Start)
	h := s.Wrap(s.Limit(NewBurst(c, 1, 3), ByIP)(s.Healthz()))
	codes := func(addr string) (all []int) {
		for range 5 {
			all = append(all, send(t, h, "GET", "/", "", from(addr)).Code)
		}
		return all
	}
	if got := fmt.Sprint(codes("203.0.113.7:1")); got != "[200 200 200 429 429]" {
		t.Error(got)
	}
	if got := fmt.Sprint(codes("203.0.113.8:1")); got != "[200 200 200 429 429]" {
		t.Error(got)
	}
	c.Advance(2 * time.Second)
	if got := fmt.Sprint(codes("203.0.113.7:2")); got != "[200 200 429 429 429]" {
		t.Error(got)
	}
	b := NewBurst(c, 1, 1)
	for i := range 3 * maxKeys / 2 {
		_ = b.Allow(fmt.Sprint(i))
	}
	if len(b.limits) > maxKeys {
		t.Errorf("%d keys are remembered", len(b.limits))
	}
}

func TestWorkBeyondTheSlotsIsShed(t *testing.T) {
	s, _ := site(t, nil)
	enter, leave := make(chan struct{}), make(chan struct{})
	h := s.Wrap(s.Shed(1)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { enter <- struct{}{}; <-leave })))
	go send(t, h, "GET", "/", "")
	<-enter
	if w := send(t, h, "GET", "/", ""); w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	close(leave)
}

func TestWhatTakesTooLongIsStopped(t *testing.T) {
	s, _ := site(t, nil)
	h := s.Wrap(s.Handle(Within(time.Millisecond, func(_ http.ResponseWriter, r *http.Request) error {
		<-r.Context().Done()
		return fmt.Errorf("lab: %w", r.Context().Err())
	})))
	if w := send(t, h, "GET", "/", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "timed_out") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestOnlyALocalPathIsGoneTo(t *testing.T) {
	for path, want := range map[string]string{
		"/lab": "/lab", "/lab?x=1#y": "/lab?x=1#y", "": "/", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/",
		"lab": "/", "/a\r\nSet-Cookie: x": "/", "/\t/evil.example": "/", "/x\\y": "/",
	} {
		if got := LocalPath(path, "/"); got != want {
			t.Errorf("%q leads to %q", path, got)
		}
	}
}

func TestAWrongSettingNamesItself(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"BaseURL": func(c *Config) { c.BaseURL = "https://a.example/path" }, "TrustedProxies": func(c *Config) { c.TrustedProxies = []string{"all"} },
		"FormTargets": func(c *Config) { c.FormTargets = []string{"https://a.example; script-src *"} },
	} {
		c := Config{BaseURL: "https://photos.example.com"}
		change(&c)
		if got := fault.Of(c.Validate()).Field; got != field {
			t.Errorf("%s: %q", field, got)
		}
	}
	c := Config{BaseURL: "http://photos.example.com"}
	if err := c.Validate(); !errors.Is(err, ErrPlain) {
		t.Error(err)
	}
	c.Plain = true
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

// start runs the site on a port of its own.
func start(t *testing.T, s *Site, h http.Handler) (addr string, stop func() error) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l, h) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = stop() })
	return l.Addr().String(), stop
}

func TestRequestsUnderWayFinishAndStreamsEndWhenTheProcessEnds(t *testing.T) {
	s, _ := site(t, func(c *Config) { c.BaseURL = "http://127.0.0.1:8080" })
	begun, finish := make(chan struct{}, 2), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) { begun <- struct{}{}; <-finish; fmt.Fprint(w, "done") })
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		begun <- struct{}{}
		<-Closing(r.Context())
		fmt.Fprint(w, "bye")
		close(finish)
	})
	mux.Handle("/readyz", s.Readyz(Check{"database", func(context.Context) error { return errors.New("gone") }}))
	addr, stop := start(t, s, s.Wrap(mux))
	get := func(path string) (string, error) {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+addr+path, nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	if got, err := get("/readyz"); err != nil || !strings.Contains(got, "database") {
		t.Errorf("%s %v", got, err)
	}
	var wg sync.WaitGroup
	for path, want := range map[string]string{"/slow": "done", "/stream": "bye"} {
		wg.Go(func() {
			if got, err := get(path); got != want || err != nil {
				t.Errorf("%s: %q %v", path, got, err)
			}
		})
	}
	<-begun
	<-begun
	if err := stop(); err != nil {
		t.Errorf("the end: %v", err)
	}
	wg.Wait()
}

// TestAClientThatStallsIsCut reads the deadlines that a request is given,
// instead of waiting for them.
func TestAClientThatStallsIsCut(t *testing.T) {
	d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	s, _ := site(t, nil)
	h := s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if left := time.Until(d.read); left <= 0 || left > 21*time.Second {
			t.Errorf("the body may take %s to begin", left)
		}
		buf := make([]byte, 5)
		_, _ = r.Body.Read(buf)
		if left := time.Until(d.read); left <= 0 || left > 21*time.Second {
			t.Errorf("the body may pause for %s", left)
		}
		_, _ = io.ReadAll(r.Body)
		if !d.read.IsZero() {
			t.Error("a deadline for reading would end a long answer")
		}
		d.write = time.Time{}
		w.WriteHeader(200)
		_, _ = w.Write([]byte("x"))
	}))
	h.ServeHTTP(d, httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader("0123456789")))
	b := &body{start: clock.System{}.Now().Add(-grace - time.Second), control: http.NewResponseController(d)}
	b.await()
	if time.Until(d.read) > 0 {
		t.Error("a body that drips has time beyond its pace")
	}
	if headerTime+grace > 40*time.Second || headerTime > 25*time.Second {
		t.Error("slow headers live too long")
	}
}

type deadlines struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error { d.read = t; return nil }

func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

func TestAnAnswerThatFailsHalfWayIsCut(t *testing.T) {
	s, log := site(t, func(c *Config) { c.BaseURL = "http://127.0.0.1:8080" })
	addr, _ := start(t, s, s.Wrap(s.Handle(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half")
		return errors.New("the disk is gone")
	})))
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil || !strings.Contains(log.String(), "the disk is gone") {
		t.Errorf("%v %s", err, log)
	}
}
