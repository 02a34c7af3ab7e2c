package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The times that a client and an ending process have.
const (
	headerTime  = 10 * time.Second
	idleTime    = 60 * time.Second
	endingTime  = 20 * time.Second
	headerBytes = 32 << 10
)

type closingKey struct{}

// Closing is closed when the process begins to end: a stream that would never
// end by itself ends then. It is nil outside of [Site.Run].
func Closing(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(closingKey{}).(chan struct{})
	return c
}

// Run serves h on l until ctx ends, then lets the requests under way finish
// for up to 20 seconds. It returns nil when all of them did.
func (s *Site) Run(ctx context.Context, l net.Listener, h http.Handler) error {
	closing := make(chan struct{})
	base, cut := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), closingKey{}, closing))
	defer cut()
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return base }}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	close(closing)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endingTime)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		cut()
		return fmt.Errorf("serve: end: %w", errors.Join(err, server.Close()))
	}
	return nil
}
