package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"safelight": main})
}

// The stories run the real binary, on SQLite and on PostgreSQL.
func TestStories(t *testing.T) {
	for _, kind := range []db.Kind{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true,
				Setup: func(e *testscript.Env) error { return setUp(t, e, kind) },
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"shop": startShop, "user": makeUser, "as": actAs, "api": callAPI, "upload": uploadFile, "keep": keepValue,
					"until": waitFor, "within": waitWithin, "sandbox": callSandbox, "stop": stopShop,
					"race": raceAPI, "replay": replayEvents, "forge": forgeEvents, "laden": ladenFile, "bare": checkBare,
				}})
		})
	}
}

// world is what a story's commands share.
type world struct {
	url, token string
	body       []byte
	tokens     map[string]string
	shop       *exec.Cmd
}

type worldKey struct{}

func setUp(t *testing.T, e *testscript.Env, kind db.Kind) error {
	w := &world{tokens: map[string]string{}}
	e.Values[worldKey{}] = w
	presets, err := filepath.Abs("../../shops/opendream")
	if err != nil {
		return err
	}
	photo, err := os.ReadFile("testdata/photo.jpg")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(e.WorkDir, "photo.jpg"), photo, 0o600); err != nil {
		return err
	}
	pictures, err := filepath.Abs("../../internal/picture/testdata")
	if err != nil {
		return err
	}
	e.Setenv("PICTURES", pictures)
	e.Setenv("SAFELIGHT_SHOP", presets)
	e.Setenv("SAFELIGHT_DATA", filepath.Join(e.WorkDir, "data"))
	if kind == db.Postgres {
		e.Setenv("SAFELIGHT_DATABASE", dbtest.URL(t, kind))
	}
	e.Defer(func() { w.end() })
	return nil
}

func (w *world) end() {
	if w.shop != nil {
		_ = w.shop.Process.Signal(syscall.SIGTERM)
		_ = w.shop.Wait()
		w.shop = nil
	}
}

func of(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// program is the binary that testscript put in the story's PATH.
func program(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if p := filepath.Join(dir, "safelight"); executable(p) {
			return p
		}
	}
	ts.Fatalf("safelight is not in the story's PATH")
	return ""
}

func executable(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.Mode()&0o111 != 0
}

func environment(ts *testscript.TestScript) []string {
	all := os.Environ()
	for _, name := range []string{"SAFELIGHT_SHOP", "SAFELIGHT_DATA", "SAFELIGHT_DATABASE", "SAFELIGHT_BLOBS"} {
		all = append(all, name+"="+ts.Getenv(name))
	}
	return all
}

// shop [ARGUMENT ...]: serves the shop and waits until it is ready.
func startShop(ts *testscript.TestScript, _ bool, args []string) {
	w := of(ts)
	url, cmd, err := serveShop(program(ts), environment(ts), args)
	ts.Check(err)
	w.url, w.shop = url, cmd
	ts.Setenv("URL", url)
}

// serveShop starts a shop on a free port and returns when it is ready.
func serveShop(program string, env, args []string) (string, *exec.Cmd, error) {
	cmd := exec.Command(program, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = env
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	line := make([]byte, 400)
	n, err := out.Read(line)
	if err != nil {
		_ = cmd.Wait()
		return "", nil, fmt.Errorf("the shop did not open: %w\n%s", err, log.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	_, url, _ := strings.Cut(strings.SplitN(string(line[:n]), "\n", 2)[0], " is open at ")
	for range 200 {
		if r, err := http.Get(url + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return url, cmd, nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", nil, fmt.Errorf("the shop is not ready: %s", log.String())
}

// stop: ends the shop as an operator would.
func stopShop(ts *testscript.TestScript, _ bool, _ []string) { of(ts).end() }

// user NAME [CREDITS]: makes a verified account with an API token.
func makeUser(ts *testscript.TestScript, _ bool, args []string) {
	credits := "0"
	if len(args) > 1 {
		credits = args[1]
	}
	cmd := exec.Command(program(ts), "user", "create", "--email", args[0]+"@example.com", "--credits", credits, "--token")
	cmd.Env = environment(ts)
	out, err := cmd.CombinedOutput()
	if err != nil {
		ts.Fatalf("user create: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	of(ts).tokens[args[0]] = lines[len(lines)-1]
	actAs(ts, false, args[:1])
}

// as NAME: the calls that follow are NAME's; "nobody" has no token.
func actAs(ts *testscript.TestScript, _ bool, args []string) {
	of(ts).token = of(ts).tokens[args[0]]
	ts.Setenv("TOKEN", of(ts).token)
}

// api STATUS METHOD PATH [JSON [HEADER ...]]: calls the API and checks the status.
func callAPI(ts *testscript.TestScript, _ bool, args []string) {
	content := ""
	if len(args) > 3 {
		content = args[3]
	}
	r, err := http.NewRequest(args[1], of(ts).url+args[2], strings.NewReader(content))
	ts.Check(err)
	if content != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range args[min(4, len(args)):] {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	do(ts, r, args[0])
}

func do(ts *testscript.TestScript, r *http.Request, status string) {
	w := of(ts)
	if w.token != "" {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	res, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer res.Body.Close()
	w.body, err = io.ReadAll(res.Body)
	ts.Check(err)
	_, _ = ts.Stdout().Write(w.body[:min(len(w.body), printed(res))])
	if strconv.Itoa(res.StatusCode) != status {
		ts.Fatalf("%s %s: %d, want %s: %.600s", r.Method, r.URL.Path, res.StatusCode, status, w.body)
	}
}

// printed is how much of an answer a story prints: of a file its first bytes.
func printed(r *http.Response) int {
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		return 1 << 20
	}
	return 8
}

// sandbox STATUS PATH JSON: moves one of the sandbox's controls.
func callSandbox(ts *testscript.TestScript, _ bool, args []string) {
	method, content := http.MethodGet, ""
	if len(args) > 2 {
		method, content = http.MethodPost, args[2]
	}
	r, err := http.NewRequest(method, of(ts).url+"/sandbox/"+args[1], strings.NewReader(content))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	saved := of(ts).token
	of(ts).token = ""
	do(ts, r, args[0])
	of(ts).token = saved
}

// upload STATUS FILE: sends a picture.
func uploadFile(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", filepath.Base(args[1]))
	ts.Check(err)
	_, err = io.WriteString(part, ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(m.Close())
	r, err := http.NewRequest(http.MethodPost, of(ts).url+"/api/v1/images", &b)
	ts.Check(err)
	r.Header.Set("Content-Type", m.FormDataContentType())
	do(ts, r, args[0])
}

// keep VARIABLE PATH: keeps a value of the last answer; PATH like lots.0.id.
func keepValue(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], value(ts, of(ts).body, args[1]))
}

func value(ts *testscript.TestScript, body []byte, path string) string {
	var v any
	ts.Check(json.Unmarshal(body, &v))
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			n, err := strconv.Atoi(step)
			ts.Check(err)
			if n >= len(at) {
				return ""
			}
			v = at[n]
		default:
			return ""
		}
	}
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// until PATH FIELD VALUE: asks until the field has the value, for a minute and a half.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	waitWithin(ts, neg, append([]string{"90s"}, args...))
}

// within DURATION PATH FIELD VALUE: asks for so long until the field has the value.
func waitWithin(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	ts.Check(until(limit, 100*time.Millisecond, func() error {
		callAPI(ts, false, []string{"200", http.MethodGet, args[1]})
		if got := value(ts, of(ts).body, args[2]); got != args[3] {
			return fmt.Errorf("%s of %s is %q, want %q: %s", args[2], args[1], got, args[3], of(ts).body)
		}
		return nil
	}))
}
