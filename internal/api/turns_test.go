package api

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestAFewOfOneAccountAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := turns{lanes: map[string]*lane{}}
		under, most, ended := 0, 0, 0
		release := make(chan struct{})
		for range 50 {
			go func() {
				done, err := all.take(t.Context(), "ana")
				if err != nil {
					t.Error(err)
					return
				}
				all.mu.Lock()
				under++
				most = max(most, under)
				all.mu.Unlock()
				<-release
				all.mu.Lock()
				under--
				ended++
				all.mu.Unlock()
				done()
			}()
		}
		synctest.Wait()
		if other, err := all.take(t.Context(), "boris"); err != nil {
			t.Error(err)
		} else {
			other()
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := all.take(gone, "ana"); !errors.Is(err, context.Canceled) {
			t.Errorf("who left waits: %v", err)
		}
		close(release)
		synctest.Wait()
		if most != abreast || ended != 50 || len(all.lanes) != 0 {
			t.Errorf("%d at a time, %d ended, %d keys remembered", most, ended, len(all.lanes))
		}
	})
}
