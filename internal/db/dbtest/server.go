package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"safelight/internal/id"
)

// Variable names a PostgreSQL server that runs already, with the right to make
// databases in it.
const Variable = "SAFELIGHT_TEST_POSTGRES"

// nobody is the unprivileged user that a server runs as when we are root,
// which PostgreSQL refuses to be.
const nobody = 65534

var server = sync.OnceValues(func() (string, error) {
	if url := os.Getenv(Variable); url != "" {
		return url, nil
	}
	url, _, err := StartServer(context.Background(), false)
	return url, err
})

// create makes an empty database.
func create(ctx context.Context) (url string, drop func() error, err error) {
	admin, err := server()
	if err != nil {
		return "", nil, err
	}
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", nil, err
	}
	defer c.Close(ctx)
	name := id.New[string]("t")
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	drop = func() error {
		c, err := pgx.Connect(ctx, admin)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		_, err = c.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		return err
	}
	return strings.Replace(admin, "/postgres?", "/"+name+"?", 1), drop, nil
}

// StartServer starts a PostgreSQL server on a free loopback port with a new,
// empty folder, both gone when stop is called or this process ends. A durable
// server waits for the disk at each commit, as a shop's does; tests need not.
func StartServer(ctx context.Context, durable bool) (url string, stop func(), err error) {
	bin, err := binaries()
	if err != nil {
		return "", nil, err
	}
	folder, err := os.MkdirTemp("", "safelight-postgres-")
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(folder, "data")
	if err := errors.Join(os.Mkdir(data, 0o700), own(folder), own(data)); err != nil {
		return "", nil, err
	}
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "safelight", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
	unprivileged(initdb, folder)
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	stop, err = run(filepath.Join(bin, "postgres"), folder, port, durable)
	if err != nil {
		return "", nil, err
	}
	url = fmt.Sprintf("postgres://safelight@127.0.0.1:%d/postgres?sslmode=disable", port)
	if err := await(ctx, url); err != nil {
		stop()
		return "", nil, err
	}
	return url, stop, nil
}

// run starts the server from a thread that lives as long as this process, so
// that the kernel ends the server with it.
func run(program, folder string, port int, durable bool) (stop func(), err error) {
	args := []string{"-D", filepath.Join(folder, "data"), "-p", strconv.Itoa(port), "-k", folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300", "-c", "shared_buffers=128MB", "-c", "log_min_messages=fatal"}
	if !durable {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	server := exec.Command(program, args...)
	unprivileged(server, folder)
	server.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	started := make(chan error)
	ended := make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: Pdeathsig watches the thread
		started <- server.Start()
		_ = server.Wait()
		_ = os.RemoveAll(folder)
		close(ended)
		select {}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		<-ended
	}, nil
}

func await(ctx context.Context, url string) error {
	var last error
	for range 300 {
		c, err := pgx.Connect(ctx, url)
		if err == nil {
			return c.Close(ctx)
		}
		last = err
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("postgres does not answer: %w", last)
}

// binaries finds the newest installed server.
func binaries() (string, error) {
	if p, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(p), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return "", errors.New("no PostgreSQL server is installed; `make test` installs Debian's, or set " + Variable)
	}
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

func own(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(path, nobody, nobody)
}

func unprivileged(c *exec.Cmd, folder string) {
	c.Dir, c.SysProcAttr = folder, &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
