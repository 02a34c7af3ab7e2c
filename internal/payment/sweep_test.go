package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/payment"
	"safelight/internal/payment/paymenttest"
)

func TestLostWebhooksAreReconciled(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.control("webhooks", map[string]string{"mode": "drop"}, nil)
		for name, finish := range map[string]func(x payment.Session) error{
			"by the list of events": func(payment.Session) error {
				return payment.Reconcile(t.Context(), s.d, s.p, s.d.Clock().Now().Add(-time.Hour), s.settle)
			},
			"by the returning customer": func(x payment.Session) error {
				_, err := payment.Refresh(t.Context(), s.d, s.p, x.ID, s.settle)
				return err
			},
			"by the sweeper, within a minute": func(payment.Session) error {
				dbtest.Clock(s.d).Advance(20 * time.Second)
				return payment.Sweep(t.Context(), s.d, s.p, s.settle)
			},
		} {
			x := s.begin()
			s.pay(x, paymenttest.Good)
			s.deliver()
			s.wantDelivered(x, 0, 0)
			if err := finish(x); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			s.wantDelivered(x, 1, 0)
			s.wantState(x, payment.Settled)
			for range 3 {
				s.sweepAfter(time.Minute)
			}
			s.wantDelivered(x, 1, 0)
		}
	})
}

func TestALostDuplicateIsFoundByTheSweeper(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.control("webhooks", map[string]string{"mode": "drop"}, nil)
		x := s.begin()
		s.pay(x, paymenttest.Good)
		for range 2 {
			dbtest.Clock(s.d).Advance(time.Hour)
			if err := payment.Sweep(t.Context(), s.d, s.p, s.settle); err != nil {
				t.Fatal(err)
			}
			s.control("duplicate", map[string]string{"session": x.Ref}, nil)
		}
		s.wantDelivered(x, 1, 1)
		if err := payment.Sweep(t.Context(), s.d, s.p, s.settle); err != nil {
			t.Fatal(err)
		}
		s.wantDelivered(x, 1, 2)
	})
}

func TestTheSweeperFinishesWhatACrashLeft(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		written := s.beginOnly() // the process died after the intention was written
		opened := s.beginOnly()  // or after the page was opened, before that was recorded
		deaf := &paymenttest.Deaf{Processor: s.p}
		deaf.Silent.Store(true)
		if _, err := payment.Open(t.Context(), s.d, deaf, opened.ID); !errors.Is(err, payment.ErrUnavailable) {
			t.Fatal(err)
		}
		for _, x := range []payment.Session{written, opened} {
			s.wantState(x, payment.Begun)
		}
		s.sweepAfter(2 * time.Minute)
		for _, x := range []payment.Session{written, opened} {
			s.wantState(x, payment.Opened)
			s.pay(s.session(x.ID), paymenttest.Good)
			s.deliver()
			s.wantDelivered(x, 1, 0)
		}
		if n := s.count(`SELECT count(*) FROM sandbox_object WHERE kind = 'checkout.session'`); n != 2 {
			t.Errorf("%d pages were opened for two sessions", n)
		}
	})
}

func (s *shop) beginOnly() payment.Session {
	s.t.Helper()
	x, err := db.Do(s.t.Context(), s.d, func(tx *db.Tx) (payment.Session, error) {
		return payment.Begin(s.t.Context(), tx, paymenttest.Intent(s.d, s.p.Identity()))
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return x
}

func (s *shop) sweepAfter(d time.Duration) {
	s.t.Helper()
	dbtest.Clock(s.d).Advance(d)
	if err := payment.Sweep(s.t.Context(), s.d, s.p, s.settle); err != nil {
		s.t.Fatal(err)
	}
}

func TestNoticesThatWereNotWorkedAreWorkedLater(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.pay(x, paymenttest.Good)
		for {
			if n, err := s.box.Deliver(t.Context()); err != nil || n == 0 {
				break
			}
		}
		s.woke = nil // the process died before its queue ran
		s.wantDelivered(x, 0, 0)
		s.sweepAfter(time.Minute)
		s.wantDelivered(x, 1, 0)
	})
}

func TestWhatCannotBeSettledNowLeavesNothingAndIsTriedAgain(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.fail = errors.New("the ledger is busy")
		s.pay(x, paymenttest.Good)
		for n := 1; n > 0; {
			n, _ = s.box.Deliver(t.Context())
		}
		if err := s.workAll(); !errors.Is(err, s.fail) {
			t.Fatalf("the failure is hidden: %v", err)
		}
		s.wantDelivered(x, 0, 0)
		s.wantState(x, payment.Opened)
		if n := s.count(`SELECT count(*) FROM payment_effect`); n != 0 {
			t.Errorf("%d effects are left", n)
		}
		s.fail = nil
		s.sweepAfter(time.Minute)
		s.wantDelivered(x, 1, 0)
	})
}

func TestASilentProcessorLosesNothing(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		deaf := &paymenttest.Deaf{Processor: s.p}
		s.p = deaf
		s.pay(x, paymenttest.Good)
		deaf.Silent.Store(true)
		for n := 1; n > 0; {
			n, _ = s.box.Deliver(t.Context())
		}
		if err := s.workAll(); !errors.Is(err, payment.ErrUnavailable) {
			t.Fatal(err)
		}
		deaf.Silent.Store(false)
		s.sweepAfter(time.Minute)
		s.wantDelivered(x, 1, 0)
	})
}

func TestASessionExpiresUnpaid(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		forgotten, cancelled, never := s.begin(), s.begin(), s.beginOnly()
		got, err := payment.Expire(t.Context(), s.d, s.p, cancelled.ID, s.settle)
		if err != nil || got.State != payment.Expired || got.ClosedAt.IsZero() {
			t.Errorf("expired as %+v, %v", got, err)
		}
		dbtest.Clock(s.d).Advance(3 * time.Hour)
		s.deliver()
		s.sweepAfter(time.Minute)
		for _, x := range []payment.Session{forgotten, cancelled, never} {
			s.wantState(x, payment.Expired)
			s.wantDelivered(x, 0, 0)
		}
	})
}

func TestACustomerFasterThanTheCancellationHasPaid(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.begin()
		s.pay(x, paymenttest.Good)
		got, err := payment.Expire(t.Context(), s.d, s.p, x.ID, s.settle)
		if err != nil || got.State != payment.Settled {
			t.Errorf("cancelled as %s, %v", got.State, err)
		}
		s.deliver()
		s.wantDelivered(x, 1, 0)
	})
}

func TestARefusedSessionFails(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		in := paymenttest.Intent(s.d, s.p.Identity())
		in.Expires = s.d.Clock().Now().Add(time.Minute) // the processor wants half an hour
		x, err := db.Do(t.Context(), s.d, func(tx *db.Tx) (payment.Session, error) { return payment.Begin(t.Context(), tx, in) })
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []error{payment.ErrRefused, payment.ErrClosed} {
			if _, err := payment.Open(t.Context(), s.d, s.p, x.ID); !errors.Is(err, want) {
				t.Errorf("opening: %v, want %v", err, want)
			}
		}
		s.wantState(x, payment.Failed)
	})
}

func TestMoneyCountsWhateverWeThoughtOfItsSession(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		for _, state := range []payment.SessionState{payment.Expired, payment.Failed, payment.Begun} {
			x := s.begin()
			s.exec(`UPDATE payment_session SET state = $1, ref = NULL WHERE id = $2`, string(state), string(x.ID))
			s.pay(x, paymenttest.Good)
			s.deliver()
			s.wantDelivered(x, 1, 0)
			s.wantState(x, payment.Settled)
		}
	})
}

func TestAPageThatWasEndedMeanwhileIsNotShown(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		x := s.beginOnly()
		during := meddler{s.p, func() {
			if _, err := payment.Expire(t.Context(), s.d, s.p, x.ID, s.settle); err != nil {
				t.Error(err)
			}
		}}
		if url, err := payment.Open(t.Context(), s.d, during, x.ID); !errors.Is(err, payment.ErrClosed) {
			t.Errorf("opened %s, %v", url, err)
		}
		y := s.beginOnly()
		during = meddler{s.p, func() {
			if _, err := payment.Open(t.Context(), s.d, s.p, y.ID); err != nil {
				t.Error(err)
			}
		}}
		if url, err := payment.Open(t.Context(), s.d, during, y.ID); err != nil || url != s.session(y.ID).URL {
			t.Errorf("opened %s, %v", url, err)
		}
	})
}

// meddler is a processor during whose opening something else happens.
type meddler struct {
	payment.Processor
	during func()
}

func (m meddler) Open(ctx context.Context, c payment.Checkout) (payment.Page, error) {
	p, err := m.Processor.Open(ctx, c)
	m.during()
	return p, err
}
