package ledger_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"safelight/internal/db"
	. "safelight/internal/ledger"
)

func TestTwoHundredSpenders(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		for range 10 { // 70 credits in lots that no hold of 2 divides
			k.issue(ana, Grant{Class: Bonus, Credits: 3}, Grant{Class: Paid, Credits: 4})
		}
		var held, short atomic.Int64
		var wg sync.WaitGroup
		for i := range 200 {
			c := Cause{Owner: ana, Key: k.key(), Source: "job"}
			wg.Go(func() {
				r, err := db.Do(t.Context(), k.d, func(tx *db.Tx) (Reservation, error) { return Hold(t.Context(), tx, c, 2) })
				switch {
				case errors.Is(err, ErrShortfall):
					short.Add(1)
				case err != nil:
					t.Error(err)
				default:
					held.Add(1)
					if i%2 == 0 {
						if _, err := k.capture(r.ID, 2); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		if held.Load() != 35 || short.Load() != 165 {
			t.Errorf("%d held and %d were refused", held.Load(), short.Load())
		}
		if b := k.balance(ana); b.Spendable != 0 {
			t.Errorf("left: %+v", b)
		}
	})
}

func TestFiftySendersOfOneKey(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		k.issue(ana, Grant{Class: Paid, Credits: 100})
		issue := Cause{Owner: ben, Key: "order:1", Source: "order:1"}
		hold := Cause{Owner: ana, Key: "job:1", Source: "job:1"}
		var mu sync.Mutex
		lots, holds := map[LotID]int{}, map[HoldID]int{}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				l, err := db.Do(t.Context(), k.d, func(tx *db.Tx) ([]Lot, error) {
					return Issue(t.Context(), tx, issue, Grant{Class: Paid, Credits: 7})
				})
				r, err2 := db.Do(t.Context(), k.d, func(tx *db.Tx) (Reservation, error) { return Hold(t.Context(), tx, hold, 60) })
				if err != nil || err2 != nil {
					t.Error(err, err2)
					return
				}
				_, err = k.capture(r.ID, 50)
				mu.Lock()
				defer mu.Unlock()
				lots[l[0].ID]++
				holds[r.ID]++
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(lots) != 1 || len(holds) != 1 {
			t.Errorf("the answers differ: %v, %v", lots, holds)
		}
		k.wantBalance(ben, 7, 0)
		k.wantBalance(ana, 50, 0)
		if r := k.verify(); r.Transactions != 4 {
			t.Errorf("%d transactions", r.Transactions)
		}
	})
}

// A worker seals while others spend: nothing is sealed twice or forgotten.
func TestSealingAmongSpenders(t *testing.T) {
	run(t, func(t *testing.T, k *desk) {
		k.issue(ana, Grant{Class: Paid, Credits: 1000})
		var spending, sealing sync.WaitGroup
		done := make(chan struct{})
		for range 2 {
			sealing.Go(func() {
				for {
					if err := SealAll(t.Context(), k.d); err != nil {
						t.Error(err)
					}
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		for range 8 {
			keys := []Cause{}
			for range 10 {
				keys = append(keys, k.cause(ana))
			}
			spending.Go(func() {
				for _, c := range keys {
					r, err := db.Do(t.Context(), k.d, func(tx *db.Tx) (Reservation, error) { return Hold(t.Context(), tx, c, 3) })
					if err == nil {
						_, err = k.capture(r.ID, 2)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		spending.Wait()
		close(done)
		sealing.Wait()
		k.seal()
		if r := k.verify(); r.Unsealed != 0 || r.Transactions != 161 {
			t.Errorf("verified %+v", r)
		}
	})
}
