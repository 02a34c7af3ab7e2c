package payment_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/fault"
	"safelight/internal/id"
	"safelight/internal/money"
	"safelight/internal/payment"
	"safelight/internal/payment/paymenttest"
)

func TestAPaymentIsRecordedAndSettledOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		if x.State != payment.Opened || x.URL == "" || x.OpenedAt.IsZero() {
			t.Fatalf("opened as %+v", x)
		}
		s.pay(x, paymenttest.Good)
		s.deliver()
		s.wantState(x, payment.Settled)
		s.wantDelivered(x, 1, 0)
		charges, err := db.Ask(t.Context(), s.d, func(tx *db.Tx) ([]payment.Charge, error) { return payment.Charges(t.Context(), tx, x.Order) })
		if err != nil || len(charges) != 1 {
			t.Fatal(charges, err)
		}
		c := charges[0]
		if c.Amount != x.Amount || c.Session != x.ID || c.Processor != "stripe" || c.Live || c.Duplicate || c.Email != x.Email ||
			c.Card != (payment.Card{Brand: "visa", Last4: "4242", Country: "US"}) || !c.At.Equal(dbtest.Start) || !strings.HasPrefix(c.Payment, "pi_") {
			t.Errorf("charge %+v", c)
		}
		if n := s.count(`SELECT count(*) FROM payment_inbox WHERE state <> 'done'`); n != 0 {
			t.Errorf("%d notices are not done", n)
		}
		if _, err := payment.Open(t.Context(), s.d, s.p, x.ID); !errors.Is(err, payment.ErrClosed) {
			t.Errorf("a paid session is opened again: %v", err)
		}
	})
}

func TestForgedAndStaleNoticesAreRefused(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.control("webhooks", map[string]string{"mode": "drop"}, nil)
		s.pay(x, paymenttest.Good)
		body, now := s.bodies()[0], s.d.Clock().Now()
		for name, f := range paymenttest.Forgeries(paymenttest.Rig{Sign: s.sign}, body, now) {
			for range 100 {
				if err := s.receive(f.Body, f.Signature); !errors.Is(err, payment.ErrSignature) {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
		huge := append(bytes.Clone(body), bytes.Repeat([]byte(" "), payment.MaxNotice)...)
		if err := s.receive(huge, s.sign("", now, huge)); !errors.Is(err, payment.ErrTooLarge) {
			t.Errorf("a huge notice: %v", err)
		}
		if n := s.count(`SELECT count(*) FROM payment_inbox`); n != 0 || len(s.woke) != 0 {
			t.Errorf("%d forged notices in the inbox, %d wakes", n, len(s.woke))
		}
		for range 100 { // replayed exactly
			if err := s.receive(body, s.sign("", now, body)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.workAll(); err != nil {
			t.Fatal(err)
		}
		s.wantDelivered(x, 1, 0)
		dbtest.Clock(s.d).Advance(6 * time.Minute)
		if err := s.receive(body, s.sign("", now, body)); !errors.Is(err, payment.ErrSignature) {
			t.Errorf("replayed after six minutes: %v", err)
		}
	})
}

func TestAThousandNoticesSettleOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.control("webhooks", map[string]string{"mode": "drop"}, nil)
		s.pay(x, paymenttest.Good)
		body, now := s.bodies()[0], s.d.Clock().Now()
		_, rest, _ := bytes.Cut(body, []byte(`"id":"evt_`))
		event, _, _ := bytes.Cut(rest, []byte(`"`))
		var wait sync.WaitGroup
		for worker := range 8 {
			wait.Go(func() {
				for i := range 125 {
					other := bytes.Replace(body, event, fmt.Appendf(nil, "%dx%d", worker, i), 1)
					if err := errors.Join(s.receive(body, s.sign("", now, body)), s.receive(other, s.sign("", now, other))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if n := s.count(`SELECT count(*) FROM payment_inbox`); n != 1001 || len(s.woke) != 1001 {
			t.Errorf("%d notices are kept and %d woke the queue, want 1001", n, len(s.woke))
		}
		if err := s.workAll(); err != nil {
			t.Fatal(err)
		}
		s.wantDelivered(x, 1, 0)
	})
}

func TestFiftyDeliveriesAtOnceSettleOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.pay(x, paymenttest.Good)
		body, now := s.bodies()[0], s.d.Clock().Now()
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				err := s.receive(body, s.sign("", now, body))
				if err == nil {
					err = payment.Work(t.Context(), s.d, s.p, s.onlyNotice(), s.settle)
				}
				if _, also := payment.Refresh(t.Context(), s.d, s.p, x.ID, s.settle); err != nil || also != nil {
					t.Error(err, also)
				}
			})
		}
		wait.Wait()
		s.deliver()
		s.wantDelivered(x, 1, 0)
	})
}

func (s *shop) onlyNotice() payment.InboxID {
	v, err := db.Ask(s.t.Context(), s.d, func(tx *db.Tx) (v payment.InboxID, err error) {
		err = tx.QueryRow(s.t.Context(), `SELECT id FROM payment_inbox`).Scan(&v)
		return v, err
	})
	if err != nil {
		s.t.Error(err)
	}
	return v
}

func TestAnyOrderOfNoticesSettlesOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.control("webhooks", map[string]string{"mode": "drop"}, nil)
		rapid.Check(t, func(r *rapid.T) {
			s.exec(`DELETE FROM sandbox_delivery`)
			s.exec(`DELETE FROM sandbox_object WHERE kind = 'event'`)
			x := s.begin()
			if rapid.Bool().Draw(r, "declined first") {
				s.pay(x, paymenttest.Declined)
			}
			s.pay(x, paymenttest.Good)
			mine := append(s.bodies(), s.bodies()...)
			for _, i := range rapid.Permutation(indexes(len(mine))).Draw(r, "order") {
				if err := s.receive(mine[i], s.sign("", s.d.Clock().Now(), mine[i])); err != nil {
					r.Fatal(err)
				}
				if rapid.Bool().Draw(r, "worked at once") {
					if err := s.workAll(); err != nil {
						r.Fatal(err)
					}
				}
				if rapid.Bool().Draw(r, "the page asks") {
					if _, err := payment.Refresh(t.Context(), s.d, s.p, x.ID, s.settle); err != nil {
						r.Fatal(err)
					}
				}
			}
			if err := s.workAll(); err != nil {
				r.Fatal(err)
			}
			s.wantDelivered(x, 1, 0)
			s.wantState(x, payment.Settled)
			dbtest.Clock(s.d).Advance(time.Second)
		})
	})
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestMismatchesAreParked(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		honest := s.p
		for reason, bend := range map[string]func(*payment.Facts){
			"mismatch.amount":    func(f *payment.Facts) { f.Amount.Minor-- },
			"mismatch.currency":  func(f *payment.Facts) { f.Amount.Currency = "MXN" },
			"mismatch.livemode":  func(f *payment.Facts) { f.Live = true },
			"mismatch.captured":  func(f *payment.Facts) { f.Captured = false },
			"mismatch.payment":   func(f *payment.Facts) { f.Payment = "" },
			"mismatch.reference": func(f *payment.Facts) { f.Order = "ord_of_somebody_else" },
			"unknown.state":      func(f *payment.Facts) { f.State, f.Raw = payment.FactUnknown, "teleported" },
			"":                   func(f *payment.Facts) { f.State = payment.FactOpen }, // unpaid
		} {
			x := s.begin()
			s.exec(`DELETE FROM payment_inbox`)
			s.p = paymenttest.Bent{Processor: honest, Bend: bend}
			s.pay(x, paymenttest.Good)
			s.deliver()
			for range 2 {
				if _, err := payment.Refresh(t.Context(), s.d, s.p, x.ID, s.settle); err != nil {
					t.Fatal(err)
				}
				dbtest.Clock(s.d).Advance(time.Minute)
			}
			s.wantDelivered(x, 0, 0)
			s.wantState(x, payment.Opened)
			s.wantParked(x, reason)
			s.exec(`UPDATE payment_session SET state = 'expired' WHERE id = $1`, string(x.ID))
		}
	})
}

// wantParked checks that all notices are parked for this reason, with one alert
// for each object that was asked about; without a reason, that none is.
func (s *shop) wantParked(x payment.Session, reason string) {
	s.t.Helper()
	parked := s.count(`SELECT count(*) FROM payment_inbox WHERE state = 'parked' AND error = $1`, reason)
	if total := s.count(`SELECT count(*) FROM payment_inbox`); total != 3 || (reason != "" && parked != total) || (reason == "" && parked != 0) {
		s.t.Errorf("%q: %d of %d notices are parked", reason, parked, total)
	}
	want := map[string]int64{"": 0, "mismatch.payment": 3}
	n := s.count(`SELECT count(*) FROM payment_alert WHERE session_id = $1`, string(x.ID))
	same := s.count(`SELECT count(*) FROM payment_alert WHERE session_id = $1 AND reason = $2`, string(x.ID), reason)
	if expected, special := want[reason]; n != same || (special && n != expected) || (!special && n != 1) {
		s.t.Errorf("%q: %d alerts, %d of them for the reason", reason, n, same)
	}
}

func TestMismatchIsDecidedByTheFactsAlone(t *testing.T) {
	by := payment.Identity{Name: "stripe"}
	rapid.Check(t, func(r *rapid.T) {
		s := payment.Session{ID: "pay_1", Ref: "cs_1", Intent: payment.Intent{By: by, Order: "ord_1", Amount: money.Of(1900, "USD")}}
		good := payment.Facts{State: payment.FactPaid, Session: "pay_1", Order: "ord_1", Ref: "cs_1", Payment: "pi_1", Amount: s.Amount, Captured: true}
		f := good
		f.Amount.Minor = rapid.SampledFrom([]int64{1900, 1899, 0, -1900}).Draw(r, "amount")
		f.Amount.Currency = rapid.SampledFrom([]money.Currency{"USD", "MXN", ""}).Draw(r, "currency")
		f.Live = rapid.Bool().Draw(r, "live")
		f.Order = rapid.SampledFrom([]string{"ord_1", "ord_2", ""}).Draw(r, "order")
		f.Ref = rapid.SampledFrom([]string{"cs_1", "cs_2"}).Draw(r, "ref")
		f.Captured = rapid.Bool().Draw(r, "captured")
		if reason, _ := payment.Mismatch(s, by, f); (reason == "") != (f == good) {
			r.Fatalf("%+v: %q", f, reason)
		}
	})
}

func TestASecondCaptureIsADuplicate(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.pay(x, paymenttest.Good)
		s.control("duplicate", map[string]string{"session": x.Ref}, nil)
		s.deliver()
		s.wantDelivered(x, 1, 1)
		s.wantAlert("duplicate")
	})
}

func TestMoneyThatWasNotRealIsRemembered(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		want := func(want bool) {
			t.Helper()
			got, err := db.Ask(t.Context(), s.d, func(tx *db.Tx) (bool, error) { return payment.Rehearsed(t.Context(), tx) })
			if err != nil || got != want {
				t.Errorf("rehearsed: %t (%v), not %t", got, err, want)
			}
		}
		x := s.begin()
		want(false)
		s.pay(x, paymenttest.Good)
		s.deliver()
		want(true)
	})
}

func TestTwoSessionsOfOneOrderAreADuplicate(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		second, err := db.Do(t.Context(), s.d, func(tx *db.Tx) (payment.Session, error) { return payment.Begin(t.Context(), tx, x.Intent) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := payment.Open(t.Context(), s.d, s.p, second.ID); err != nil {
			t.Fatal(err)
		}
		s.pay(x, paymenttest.Good)
		s.pay(s.session(second.ID), paymenttest.Good)
		s.deliver()
		s.wantDelivered(x, 1, 1)
		s.wantState(second, payment.Settled)
	})
}

func TestADeclinedCardSettlesNothing(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.pay(x, paymenttest.Declined)
		s.deliver()
		s.wantState(x, payment.Opened)
		s.wantDelivered(x, 0, 0)
		s.pay(x, paymenttest.Good)
		s.deliver()
		s.wantDelivered(x, 1, 0)
	})
}

func TestNoticesAboutOtherThingsAreKeptAndDoNothing(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.pay(x, "4000000000000259") // disputed at once
		s.deliver()
		s.wantDelivered(x, 1, 0)
		s.wantAlert("unhandled.dispute")
		foreign := []byte(`{"id":"evt_other","object":"event","type":"payout.paid","created":1,"livemode":false,"data":{"object":{"id":"po_1"}}}`)
		live := []byte(`{"id":"evt_live","object":"event","type":"charge.succeeded","created":1,"livemode":true,"data":{"object":{"id":"ch_1"}}}`)
		gone := []byte(`{"id":"evt_gone","object":"event","type":"charge.succeeded","created":1,"livemode":false,"data":{"object":{"id":"ch_1"}}}`)
		for _, body := range [][]byte{foreign, live, gone} {
			if err := s.receive(body, s.sign("", s.d.Clock().Now(), body)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.workAll(); err != nil {
			t.Fatal(err)
		}
		for event, want := range map[string]string{"evt_other": "ignored/", "evt_live": "parked/mismatch.livemode", "evt_gone": "parked/missing"} {
			got, err := db.Ask(t.Context(), s.d, func(tx *db.Tx) (v string, err error) {
				err = tx.QueryRow(t.Context(), `SELECT state || '/' || error FROM payment_inbox WHERE event = $1`, event).Scan(&v)
				return v, err
			})
			if err != nil || got != want {
				t.Errorf("%s is %s (%v), want %s", event, got, err, want)
			}
		}
	})
}

func TestWhatIsNotASessionIsNotFound(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		nobody := id.New[payment.SessionID]("pay")
		_, opening := payment.Open(t.Context(), s.d, s.p, nobody)
		_, asking := payment.Refresh(t.Context(), s.d, s.p, nobody, s.settle)
		_, ending := payment.Expire(t.Context(), s.d, s.p, nobody, s.settle)
		for _, err := range []error{opening, asking, ending} {
			if !errors.Is(err, fault.NotFound) {
				t.Errorf("got %v", err)
			}
		}
		for _, in := range []payment.Intent{{}, {By: s.p.Identity(), Order: "o", Amount: money.Of(0, "USD")}, {By: s.p.Identity(), Order: "o", Amount: money.Of(1, "???")}} {
			err := s.d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := payment.Begin(t.Context(), tx, in)
				return err
			})
			if err == nil {
				t.Errorf("%+v began", in)
			}
		}
	})
}
