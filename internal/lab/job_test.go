package lab

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/engine/onboard"
	"safelight/internal/ledger"
	"safelight/internal/picture"
	"safelight/internal/queue"
	"safelight/internal/queue/queuetest"
)

type txn = *db.Tx

const engineUpscale = engine.Upscale

func TestOD_R_1_TheCostIsShownBeforeAndChargedAsShown(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		real, err := onboard.New(onboard.Config{})
		if err != nil {
			t.Fatal(err)
		}
		b := newBench(t, d, Offer{Engine: real})
		b.grant(ana, 5)
		i := b.take(ana)
		q, err := db.Ask(t.Context(), d, func(tx txn) (Quote, error) {
			return b.Quote(t.Context(), tx, ana, i.ID, Wish{Operation: engine.Upscale})
		})
		if err != nil || q.Cost != 2 || q.Width != 48 || q.Height != 32 || q.Engine != "onboard" || q.Model != engine.Quality || q.Remote || q.TermsURL != "" {
			t.Fatalf("the quote is %+v, %v", q, err)
		}
		wrong := q.Cost - 1
		if _, err := b.starts(ana, Request{Image: i.ID, Wish: Wish{Operation: engine.Upscale}, Agreed: &wrong}); !errors.Is(err, ErrPriceChanged) {
			t.Errorf("another price than agreed: %v", err)
		}
		j, err := b.starts(ana, Request{Image: i.ID, Wish: Wish{Operation: engine.Upscale}, Agreed: &q.Cost,
			Client: account.Client{IP: "203.0.113.7", UserAgent: "Test/1"}})
		if err != nil {
			t.Fatal(err)
		}
		b.wantBalance(ana, 3, 2)
		b.work()
		j = b.ended(j)
		if j.Status != Success || j.Charged != q.Cost || j.Progress != 100 || j.Started.IsZero() || j.Ended.IsZero() {
			t.Errorf("the job is %+v", j)
		}
		b.wantBalance(ana, 3, 0)
		made, err := b.image(ana, j.Result)
		if err != nil || made.Width != 48 || made.Height != 32 || made.Source != i.ID || made.Job != j.ID || made.SHA256 != j.ResultSHA256 || made.Name != "photo-upscale.jpg" {
			t.Errorf("the result is %+v, %v", made, err)
		}
		data, _ := b.content(made, File)
		if info, err := picture.Probe(data, picture.DefaultLimits()); err != nil || info.Format != picture.JPEG || int64(len(data)) != made.Bytes {
			t.Errorf("the file is %+v, %v", info, err)
		}
	})
}

func TestOD_P_1_6_AddressAndBrowserAreRecordedAtTheStart(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 1)
		j, err := b.starts(ana, Request{Image: b.take(ana).ID, Wish: upscale, Client: account.Client{IP: "203.0.113.7", UserAgent: "Test/1"}})
		if err != nil {
			t.Fatal(err)
		}
		var ip, agent string
		b.do(func(tx txn) error {
			return tx.QueryRow(t.Context(), `SELECT ip, user_agent FROM lab_job WHERE job = $1`, string(j.ID)).Scan(&ip, &agent)
		})
		if ip != "203.0.113.7" || agent != "Test/1" {
			t.Errorf("recorded %q, %q", ip, agent)
		}
	})
}

func TestAWishIsCheckedFieldByField(t *testing.T) {
	half, much := 0.5, 1.5
	queuetest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		i := Image{Width: 100, Height: 50, Format: picture.HEIC}
		for name, c := range map[string]struct {
			wish  Wish
			want  error
			field string
		}{
			"an unknown operation":   {Wish{Operation: "dance"}, catalog.ErrNotOffered, "operation"},
			"one that is not sold":   {Wish{Operation: engine.Generate}, catalog.ErrNotOffered, "operation"},
			"an unknown model":       {Wish{Operation: engine.Upscale, Model: "best"}, catalog.ErrNotOffered, "model"},
			"an unknown engine":      {Wish{Operation: engine.Upscale, Engine: "x"}, ErrEngine, "engine"},
			"five times":             {Wish{Operation: engine.Upscale, Scale: 5}, ErrScale, "scale"},
			"less than nothing":      {Wish{Operation: engine.Upscale, Scale: -2}, ErrNoScale, "scale"},
			"larger while denoising": {Wish{Operation: engine.Denoise, Scale: 2}, ErrNoScale, "scale"},
			"too strong":             {Wish{Operation: engine.Denoise, Strength: &much}, ErrStrength, "strength"},
			"an unknown format":      {Wish{Operation: engine.Denoise, Format: "heic"}, ErrFormat, "format"},
		} {
			if _, err := b.quote(i, c.wish, b.DB.Clock().Now()); true {
				t.Run(name, func(t *testing.T) { is(t, err, c.want, c.field) })
			}
		}
		huge := Image{Width: 3000, Height: 1000, Format: picture.JPEG}
		_, err := b.quote(huge, Wish{Operation: engine.Upscale, Scale: 3}, b.DB.Clock().Now())
		is(t, err, picture.ErrOutputTooLarge, "scale")
		q, err := b.quote(i, Wish{Operation: engine.Denoise, Strength: &half}, b.DB.Clock().Now())
		if err != nil || q.Strength != 500 || q.Scale != 1 || q.Format != picture.JPEG || q.Model != engine.Quality || q.Cost != 1 {
			t.Errorf("a sound wish: %+v, %v", q, err)
		}
	})
}

func TestNobodyStartsMoreJobsThanTheyCanPay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const affordable, requests, width = 100, 2000, 100
		b.grant(ana, affordable)
		i := b.take(ana)
		var accepted, short atomic.Int64
		var wg sync.WaitGroup
		for range width {
			wg.Go(func() {
				for range requests / width {
					switch _, err := b.starts(ana, Request{Image: i.ID, Wish: upscale}); {
					case err == nil:
						accepted.Add(1)
					case errors.Is(err, ledger.ErrShortfall):
						short.Add(1)
					default:
						t.Errorf("start: %v", err)
						return
					}
				}
			})
		}
		wg.Wait()
		if accepted.Load() != affordable || short.Load() != requests-affordable {
			t.Errorf("%d accepted and %d refused, want %d and %d", accepted.Load(), short.Load(), affordable, requests-affordable)
		}
		b.wantBalance(ana, 0, affordable)
	})
}

func TestOD_R_2_1_AFailedJobGivesItsCreditsBack(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"the engine's rules forbid it":  {&engine.Refusal{Code: "x", Reason: "y"}, "lab.refused"},
		"the engine cannot do it":       {engine.ErrUnsupported, "engine.unsupported"},
		"the engine is broken for good": {queue.Permanent(errors.New("no weights")), "lab.failed"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b *bench) {
				b.grant(ana, 1)
				b.proof.set(c.err, nil)
				j := b.start(ana, b.take(ana), upscale)
				b.work()
				if j = b.ended(j); j.Status != Failed || j.Failure.Code != c.code || j.Charged != 0 || j.Failure.Err() == nil {
					t.Errorf("the job is %+v", j)
				}
				b.wantBalance(ana, 1, 0)
			})
		})
	}
}

func TestAPassingFailureIsTriedAgainAndChargedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 1)
		hold := make(chan struct{})
		b.proof.set(errors.New("a hiccup"), hold)
		j := b.start(ana, b.take(ana), upscale)
		b.work()
		<-b.proof.reached
		b.proof.set(nil, nil)
		close(hold)
		if j = b.ended(j); j.Status != Success || b.proof.count() != 2 {
			t.Errorf("after %d attempts the job is %+v", b.proof.count(), j)
		}
		b.wantBalance(ana, 0, 0)
	})
}

func TestACancelledJobGivesItsCreditsBackAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 2)
		i := b.take(ana)
		waiting := b.start(ana, i, upscale)
		if j, err := b.cancels(waiting); err != nil || j.Status != Cancelled {
			t.Fatalf("%+v, %v", j, err)
		}
		b.wantBalance(ana, 2, 0)
		b.proof.set(nil, make(chan struct{})) // never ends by itself
		running := b.start(ana, i, upscale)
		b.work()
		<-b.proof.reached
		if j, err := b.cancels(running); err != nil || j.Status != Cancelled {
			t.Fatalf("%+v, %v", j, err)
		}
		b.wantBalance(ana, 2, 0)
		queuetest.Settle(t, b.DB, renderKind)
		if j := b.job(running); j.Status != Cancelled || b.proof.count() != 1 {
			t.Errorf("%+v after %d renders", j, b.proof.count())
		}
		if j, err := b.cancels(running); err != nil || j.Status != Cancelled {
			t.Errorf("cancelling again: %+v, %v", j, err)
		}
		b.wantBalance(ana, 2, 0)
		if n := len(b.stored()); n != 3 {
			t.Errorf("%d files in the storage, want those of the original", n)
		}
	})
}

func TestAJobThatSucceededCannotBeCancelled(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 1)
		j := b.start(ana, b.take(ana), upscale)
		b.work()
		b.ended(j)
		if _, err := b.cancels(j); !errors.Is(err, ErrEnded) {
			t.Errorf("cancel: %v", err)
		}
		b.wantBalance(ana, 0, 0)
	})
}

// A queue may deliver twice; the work counts once.
func TestAJobDeliveredTwiceRunsOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 2)
		j := b.start(ana, b.take(ana), upscale)
		b.do(func(tx txn) error {
			_, err := queue.Enqueue(t.Context(), tx, queue.Job{Kind: renderKind, Key: "again", Args: renderArgs{j.ID}, Queue: RenderQueue})
			return err
		})
		b.work()
		queuetest.Settle(t, b.DB)
		if j = b.job(j); j.Status != Success {
			t.Errorf("the job is %+v", j)
		}
		b.wantBalance(ana, 1, 0)
		if n := len(b.stored()); n != 6 {
			t.Errorf("%d files in the storage, want 6", n)
		}
	})
}

// An attempt that was thought dead comes back after another has begun.
func TestOnlyTheLastAttemptMayDeliver(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.grant(ana, 1)
		j := b.start(ana, b.take(ana), upscale)
		var attempts [2]Job
		var made [2]*result
		for n := range attempts {
			b.do(func(tx txn) (err error) { attempts[n], err = toRunning(ctx, tx, j.ID); return err })
			var err error
			if made[n], err = b.develop(ctx, attempts[n]); err != nil {
				t.Fatal(err)
			}
			defer made[n].drop()
			if err := b.put(ctx, made[n].files); err != nil {
				t.Fatal(err)
			}
		}
		deliver := func(n int) error {
			return b.DB.InTx(ctx, func(tx txn) error { return b.deliver(ctx, tx, attempts[n], made[n]) })
		}
		for what, err := range map[string]error{
			"deliver":  deliver(0),
			"fail":     b.DB.InTx(ctx, func(tx txn) error { return fail(ctx, tx, attempts[0], false, ErrFailed) }),
			"progress": b.DB.InTx(ctx, func(tx txn) error { return setProgress(ctx, tx, attempts[0], 50) }),
		} {
			if !errors.Is(err, errOvertaken) {
				t.Errorf("%s by the first attempt: %v", what, err)
			}
		}
		b.discard(ctx, made[0].files)
		b.wantBalance(ana, 0, 1)
		if err := deliver(1); err != nil {
			t.Fatal(err)
		}
		if err := deliver(1); !errors.Is(err, errOvertaken) {
			t.Errorf("delivered twice: %v", err)
		}
		b.wantBalance(ana, 0, 0)
		if j = b.job(j); j.Result != made[1].ID || len(b.stored()) != 6 {
			t.Errorf("the job is %+v, and %d files", j, len(b.stored()))
		}
	})
}

// Each way between the statuses, from each of them.
func TestTheWaysBetweenTheStatuses(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		i := b.take(ana)
		b.grant(ana, 100)
		edges := map[Status]func(tx txn, j Job) error{
			Running:   func(tx txn, j Job) error { _, err := toRunning(ctx, tx, j.ID); return err },
			Success:   func(tx txn, j Job) error { return toSuccess(ctx, tx, j, Image{ID: "img_x", SHA256: "x"}) },
			Failed:    func(tx txn, j Job) error { return toFailed(ctx, tx, j, true, ErrFailed) },
			Cancelled: func(tx txn, j Job) error { return toCancelled(ctx, tx, j.ID) },
			Queued:    func(tx txn, j Job) error { return toQueued(ctx, tx, j) },
		}
		open := map[Status]map[Status]bool{
			Queued:  {Queued: true, Running: true, Failed: true, Cancelled: true},
			Running: {Queued: true, Running: true, Success: true, Failed: true, Cancelled: true},
		}
		for _, from := range []Status{Queued, Running, Success, Failed, Cancelled} {
			for to, edge := range edges {
				j := b.start(ana, i, upscale)
				b.do(func(tx txn) (err error) {
					if from != Queued {
						if j, err = toRunning(ctx, tx, j.ID); err == nil && from != Running {
							err = edges[from](tx, j)
						}
					}
					return err
				})
				err := b.DB.InTx(ctx, func(tx txn) error { return edge(tx, j) })
				got, want := b.job(j).Status, from
				if open[from][to] {
					want = to
				}
				refused := errors.Is(err, errOvertaken) || err == nil && to == Queued
				if got != want || !open[from][to] && !refused || open[from][to] && err != nil {
					t.Errorf("%s to %s: it is %s, %v", from, to, got, err)
				}
			}
		}
	})
}

func TestProgressAndPlaceAreShown(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 10)
		i := b.take(ana)
		hold := make(chan struct{})
		b.proof.set(nil, hold)
		first := b.start(ana, i, upscale)
		second := b.start(ana, i, upscale)
		look := func() Snapshot {
			s, err := db.Ask(t.Context(), b.DB, func(tx txn) (Snapshot, error) { return b.Snapshot(t.Context(), tx, ana) })
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if s := look(); len(s.Active) != 2 || s.Active[0].Ahead != 0 || s.Active[1].Ahead != 1 {
			t.Errorf("waiting: %+v", s)
		}
		b.work()
		queuetest.Await(t, func() bool { return b.job(first).Progress == 49 }, func() any { return look() })
		close(hold)
		b.ended(first)
		b.ended(second)
		if s := look(); len(s.Active) != 0 || len(s.Ended) != 2 || s.Ended[0].Progress != 100 {
			t.Errorf("ended: %+v", s)
		}
	})
}

func TestEachSheetShowsTheLastJobOnIt(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 10)
		plain, busy := b.take(ana), b.take(ana)
		b.start(ana, busy, upscale)
		last := b.start(ana, busy, upscale)
		sheets, err := db.Ask(t.Context(), b.DB, func(tx txn) ([]Sheet, error) { return b.Sheets(t.Context(), tx, ana, Page{}) })
		if err != nil || len(sheets) != 2 || sheets[0].ID != busy.ID || sheets[0].Last.ID != last.ID || sheets[1].ID != plain.ID || sheets[1].Last != nil {
			t.Errorf("%+v, %v", sheets, err)
		}
		next, err := db.Ask(t.Context(), b.DB, func(tx txn) ([]Sheet, error) {
			return b.Sheets(t.Context(), tx, ana, Page{Before: string(busy.ID), Limit: 5})
		})
		if err != nil || len(next) != 1 || next[0].ID != plain.ID {
			t.Errorf("the page after: %+v, %v", next, err)
		}
	})
}

// Somebody with hundreds of jobs does not keep somebody with one waiting.
func TestAJobOfFewGoesBeforeAJobOfMany(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 100)
		b.grant(boris, 100)
		many, few := b.take(ana), b.take(boris)
		for range 60 {
			b.start(ana, many, upscale)
		}
		j := b.start(boris, few, upscale)
		ahead, err := db.Ask(t.Context(), b.DB, func(tx txn) (int, error) { return b.Position(t.Context(), tx, j) })
		if err != nil || ahead > 2 {
			t.Errorf("%d jobs go before it, %v", ahead, err)
		}
	})
}

func TestAnothersIdsAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 5)
		b.grant(boris, 5)
		i := b.take(ana)
		j := b.start(ana, i, upscale)
		ctx := t.Context()
		view := func(f func(tx txn) error) error { return b.DB.View(ctx, f) }
		for what, err := range map[string]error{
			"find":   view(func(tx txn) error { _, err := b.Find(ctx, tx, boris, i.ID); return err }),
			"quote":  view(func(tx txn) error { _, err := b.Quote(ctx, tx, boris, i.ID, upscale); return err }),
			"job":    view(func(tx txn) error { _, err := b.FindJob(ctx, tx, boris, j.ID); return err }),
			"start":  b.DB.InTx(ctx, func(tx txn) error { _, err := b.Start(ctx, tx, boris, Request{Image: i.ID, Wish: upscale}); return err }),
			"cancel": b.DB.InTx(ctx, func(tx txn) error { _, err := b.Cancel(ctx, tx, boris, j.ID); return err }),
			"delete": b.Delete(ctx, boris, i.ID),
		} {
			if !errors.Is(err, ErrNoImage) && !errors.Is(err, ErrNoJob) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := b.DeleteAll(ctx, boris); err != nil {
			t.Fatal(err)
		}
		for what, n := range map[string]func(tx txn) (int, error){
			"images": func(tx txn) (int, error) { v, err := b.List(ctx, tx, boris, Page{}); return len(v), err },
			"jobs":   func(tx txn) (int, error) { v, err := b.Jobs(ctx, tx, boris, Page{}); return len(v), err },
			"of":     func(tx txn) (int, error) { v, err := b.JobsOf(ctx, tx, boris, i.ID, 5); return len(v), err },
			"sheets": func(tx txn) (int, error) { v, err := b.Sheets(ctx, tx, boris, Page{}); return len(v), err },
		} {
			if got, err := db.Ask(ctx, b.DB, n); err != nil || got != 0 {
				t.Errorf("%s: %d, %v", what, got, err)
			}
		}
		if got := b.job(j); got.Status != Queued || len(b.stored()) != 3 {
			t.Errorf("the owner's job is %s, and %d files", got.Status, len(b.stored()))
		}
	})
}

func TestOD_P_4_3_DeleteAllLeavesNothingInStorage(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.grant(ana, 10)
		i := b.take(ana)
		b.work()
		b.ended(b.start(ana, i, upscale))
		b.proof.set(nil, make(chan struct{}))
		<-b.proof.reached
		running, waiting := b.start(ana, i, upscale), b.start(ana, b.take(ana), upscale)
		<-b.proof.reached
		other := b.takes(boris, drawing(t, 9, 9))
		d, err := b.DeleteAll(ctx, ana)
		if err != nil || d != (Deleted{Images: 3, Jobs: 2}) {
			t.Errorf("deleted %+v, %v", d, err)
		}
		queuetest.Settle(t, b.DB)
		if got := b.stored(); len(got) != 3 {
			t.Errorf("the storage holds %d files, want the three of somebody else's: %v", len(got), got)
		}
		if _, err := b.image(boris, other.ID); err != nil {
			t.Error(err)
		}
		if b.job(running).Status != Cancelled || b.job(waiting).Status != Cancelled {
			t.Error("a job goes on")
		}
		b.wantBalance(ana, 9, 0)
		var names int
		b.do(func(tx txn) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM lab_image WHERE account = $1 AND (name <> '' OR sha256 <> '' OR file_key <> '')`, string(ana)).Scan(&names)
		})
		if names != 0 {
			t.Errorf("%d tombstones say what they were", names)
		}
	})
}

// The process ends between the commit and the storage.
func TestADeletionThatWasCutShortIsFinished(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		i := b.take(ana)
		b.do(func(tx txn) error { _, _, err := bury(t.Context(), tx, ana, i.ID); return err })
		if _, err := b.image(ana, i.ID); !errors.Is(err, ErrNoImage) || len(b.stored()) != 3 {
			t.Fatalf("before: %v", err)
		}
		if err := b.Sweep(t.Context()); err != nil || len(b.stored()) != 0 {
			t.Errorf("after: %v, %v", err, b.stored())
		}
	})
}

func TestAnOriginalDeletedDuringItsJobCancelsIt(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 1)
		i := b.take(ana)
		hold := make(chan struct{})
		b.proof.set(nil, hold)
		j := b.start(ana, i, upscale)
		b.work()
		<-b.proof.reached
		if err := b.Delete(context.WithoutCancel(t.Context()), ana, i.ID); err != nil {
			t.Fatal(err)
		}
		close(hold) // the engine ends all the same, too late
		queuetest.Settle(t, b.DB)
		if j = b.job(j); j.Status != Cancelled {
			t.Errorf("the job is %+v", j)
		}
		b.wantBalance(ana, 1, 0)
		if left := b.stored(); len(left) != 0 {
			t.Errorf("left in the storage: %v", left)
		}
	})
}
