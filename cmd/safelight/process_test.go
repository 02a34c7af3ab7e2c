package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A house is what the processes of one shop share: their variables.
type house struct {
	t   *testing.T
	env []string
}

// newHouse is a shop in a new folder; settings are NAME=VALUE.
func newHouse(t *testing.T, settings ...string) *house {
	t.Helper()
	presets, err := filepath.Abs("../../shops/opendream")
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "SAFELIGHT_SHOP="+presets, "SAFELIGHT_DATA="+t.TempDir(), "SAFELIGHT_THREADS=1")
	return &house{t, append(env, settings...)}
}

// program is the binary that testscript.Main put in the PATH.
func (h *house) program() string {
	h.t.Helper()
	path, err := exec.LookPath("safelight")
	if err != nil {
		h.t.Fatal(err)
	}
	return path
}

// run runs a command to its end and gives what it printed.
func (h *house) run(args ...string) (string, error) {
	h.t.Helper()
	cmd := exec.Command(h.program(), args...)
	cmd.Env = h.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("safelight %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), err
}

// verify fails the test unless the books balance.
func (h *house) verify() string {
	h.t.Helper()
	out, err := h.run("ledger", "verify")
	if err != nil || !strings.HasPrefix(out, "ledger ok: ") {
		h.t.Fatalf("the books: %v %s", err, out)
	}
	return out
}

// user makes a verified account and gives its API token.
func (h *house) user(name string, args ...string) string {
	h.t.Helper()
	out, err := h.run(append([]string{"user", "create", "--email", name + "@example.com", "--token"}, args...)...)
	if err != nil {
		h.t.Fatal(err)
	}
	return out[strings.LastIndexByte(out, '\n')+1:]
}

// A process is one of a shop's, in a process group of its own.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	out *lines
}

// start starts a process; it is killed when the test ends.
func (h *house) start(settings []string, args ...string) *process {
	h.t.Helper()
	p := &process{t: h.t, cmd: exec.Command(h.program(), args...), out: &lines{}}
	p.cmd.Env = append(h.env[:len(h.env):len(h.env)], settings...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(p.kill)
	return p
}

// kill ends the process and its children as a power cut would.
func (p *process) kill() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.cmd.Wait()
}

// ready waits until a serve process answers that it is, and says how long that
// took.
func (p *process) ready(url string) time.Duration {
	p.t.Helper()
	begun := time.Now()
	err := until(30*time.Second, 10*time.Millisecond, func() error {
		r, err := http.Get(url + "/readyz")
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return errors.New(r.Status)
		}
		return nil
	})
	if err != nil {
		p.t.Fatalf("not ready: %v\n%s", err, p.out)
	}
	return time.Since(begun)
}

// until asks now and then, for so long, until there is no error.
func until(limit, pause time.Duration, ask func() error) error {
	for end := time.Now().Add(limit); ; time.Sleep(pause) {
		err := ask()
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

// lines are what a process printed.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// holding gives the printed lines with a word in them.
func (l *lines) holding(word string) (found []string) {
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, word) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// freeAddress is an address on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A caller uses the API of one process, as somebody.
type caller struct {
	url, token string
	client     http.Client
}

// An answer is a status and a JSON object, or the bytes of a file.
type answer struct {
	status int
	body   []byte
	fields map[string]any
}

func (a answer) text(field string) string {
	s, _ := a.fields[field].(string)
	return s
}

func (a answer) number(field string) int64 {
	n, _ := a.fields[field].(float64)
	return int64(n)
}

// try calls the API; an error means that no answer came.
func (c *caller) try(ctx context.Context, method, path string, content io.Reader, header ...string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, content)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := c.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		return answer{}, err
	}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		_ = json.Unmarshal(a.body, &a.fields) // a list has none
	}
	return a, nil
}

// call calls the API and fails the test unless the answer has the status.
func (c *caller) call(t *testing.T, status int, method, path, content string, header ...string) answer {
	t.Helper()
	a, err := c.try(t.Context(), method, path, strings.NewReader(content), header...)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != status {
		t.Fatalf("%s %s: %d, want %d: %.600s", method, path, a.status, status, a.body)
	}
	return a
}

// upload sends a picture and gives its id.
func (c *caller) upload(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", "photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return c.call(t, http.StatusCreated, http.MethodPost, "/api/v1/images", b.String(), "Content-Type: "+m.FormDataContentType()).text("id")
}

// photo is a JPEG of so many pixels.
func photo(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(40 + x*2), uint8(60 + y*3), uint8(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// jobs and orders are as the API lists them.
type (
	jobRow struct {
		ID, Status    string
		Progress      float64
		Cost, Charged int64
		Result        string `json:"result_image_id"`
		SHA256        string `json:"result_sha256"`
	}
	orderRow struct {
		ID, Status             string
		Credits, Bonus, Amount int64
	}
)

// listed gives all pages of a list, the newest first.
func listed[T any](t *testing.T, c *caller, name string, id func(T) string) (all []T) {
	t.Helper()
	for before := ""; ; {
		a := c.call(t, http.StatusOK, http.MethodGet, "/api/v1/"+name+"?limit=50&before="+before, "")
		var page map[string][]T
		if err := json.Unmarshal(a.body, &page); err != nil {
			t.Fatalf("%s: %v: %.300s", name, err, a.body)
		}
		if len(page[name]) == 0 {
			return all
		}
		all = append(all, page[name]...)
		before = id(all[len(all)-1])
	}
}

func allJobs(t *testing.T, c *caller) []jobRow {
	t.Helper()
	return listed(t, c, "jobs", func(j jobRow) string { return j.ID })
}

func allOrders(t *testing.T, c *caller) []orderRow {
	t.Helper()
	return listed(t, c, "orders", func(o orderRow) string { return o.ID })
}
