package api

import (
	"context"
	"sync"
)

// abreast is how many of one account's calls that hold credits are worked on at
// a time; the others wait and are not refused. They would wait for the
// account's row in the ledger all the same, but each with a connection of the
// database in its hand, which everybody else then lacks.
const abreast = 8

// turns have what belongs to one key done a few at a time. They are safe for
// concurrent use and forget the keys that nobody waits for.
type turns struct {
	mu    sync.Mutex
	lanes map[string]*lane
}

type lane struct {
	slots chan struct{}
	users int
}

// take waits for a turn of key, to be ended by done. It returns ctx's error
// when that ends first.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	l := t.enter(key)
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots; t.leave(key, l) }, nil
	case <-ctx.Done():
		t.leave(key, l)
		return nil, ctx.Err()
	}
}

func (t *turns) enter(key string) *lane {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lanes[key]
	if l == nil {
		l = &lane{slots: make(chan struct{}, abreast)}
		t.lanes[key] = l
	}
	l.users++
	return l
}

func (t *turns) leave(key string, l *lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(t.lanes, key)
	}
}
