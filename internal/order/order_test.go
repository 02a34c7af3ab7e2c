package order

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"safelight/internal/account"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/edition"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/ledger"
	"safelight/internal/mail"
	"safelight/internal/money"
	"safelight/internal/payment"
	"safelight/internal/policy"
	"safelight/internal/queue"
	"safelight/internal/shop"
)

var ana = account.Account{ID: "acc_ana", Email: "ana@example.com", Locale: i18n.Spanish}

func desk(t *testing.T, d *db.DB) Desk {
	t.Helper()
	if err := queue.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO account (id, uid, email, email_key, password, locale, role, state, reason, newsletter, created_at, verified_at)
			VALUES ($1, 'ANA00000', $2, $2, '', 'es', 'customer', 'active', '', 0, $3, $3) ON CONFLICT (id) DO NOTHING`, ana.ID, ana.Email, tx.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := shop.Load("../../shops/opendream")
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	return Desk{Shop: s, Catalog: c, Policies: func() policy.Set { return p }, Processor: payment.Identity{Name: "stripe"}, BaseURL: "https://shop.example",
		Letters: mail.Shop{Name: s.Title, Contact: s.Contact.Support, BaseURL: "https://shop.example", Accent: s.Look.Accent}}
}

func request() Request {
	return Request{Buyer: ana, Item: "pack-100", Currency: "MXN", Lang: i18n.Spanish, StatementAccepted: true, Control: "checkbox",
		Client: account.Client{IP: "203.0.113.7", UserAgent: "Firefox"}}
}

func place(t *testing.T, d *db.DB, k Desk, r Request) Order {
	t.Helper()
	o, err := db.Do(t.Context(), d, func(tx *db.Tx) (Order, error) { return Place(t.Context(), tx, k, r) })
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// paid is the news that payment brings of an order.
func paid(o Order, ref string, duplicate bool) payment.Paid {
	return payment.Paid{Session: payment.Session{ID: o.Session, Intent: payment.Intent{Order: string(o.ID)}},
		Charge: payment.Charge{ID: payment.ChargeID("chg_" + ref), Payment: ref, Amount: o.Amount}, Duplicate: duplicate}
}

func settle(t *testing.T, d *db.DB, k Desk, p payment.Paid) error {
	t.Helper()
	return d.InTx(t.Context(), func(tx *db.Tx) error { return Settle(k)(t.Context(), tx, p) })
}

func lookUp(t *testing.T, d *db.DB, who account.ID, o ID) (Order, error) {
	t.Helper()
	return db.Ask(t.Context(), d, func(tx *db.Tx) (Order, error) { return Find(t.Context(), tx, who, o) })
}

func balance(t *testing.T, d *db.DB) int64 {
	t.Helper()
	b, err := db.Ask(t.Context(), d, func(tx *db.Tx) (ledger.Balance, error) {
		return ledger.BalanceOf(t.Context(), tx, ledger.Owner(ana.ID))
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Spendable
}

func mails(t *testing.T, d *db.DB) []mail.Sent {
	t.Helper()
	all, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]mail.Sent, error) { return mail.Mailbox(t.Context(), tx, 100) })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOD_R_2_NoOrderWithoutTheTickedStatement(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		r := request()
		r.StatementAccepted = false
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := Place(t.Context(), tx, k, r)
			return err
		})
		if !errors.Is(err, ErrStatement) || fault.Of(err).Name() != "statement_required" {
			t.Errorf("placing without the tick: %v", err)
		}
		o := place(t, d, k, request())
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE order_purchase SET statement = '' WHERE id = $1`, o.ID)
			return err
		})
		if err == nil {
			t.Error("the database let the statement be removed")
		}
		n := 0
		err = d.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM order_purchase`).Scan(&n)
		})
		if err != nil || n != 1 {
			t.Errorf("%d orders exist, %v", n, err)
		}
	})
}

func TestOD_R_2_TheProofIsWhatWasShown(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o, err := lookUp(t, d, ana.ID, place(t, d, k, request()).ID)
		if err != nil {
			t.Fatal(err)
		}
		refund := k.Policies()[policy.Refund]
		want := Proof{Text: refund.In(i18n.Spanish).Statement, Lang: i18n.Spanish, Version: "2026-02-20", Hash: refund.Hash,
			Prevailing: i18n.English, Control: "checkbox", IP: "203.0.113.7", UserAgent: "Firefox"}
		if o.Proof != want || !strings.HasPrefix(want.Text, "Entiendo") {
			t.Errorf("the proof is %+v, want %+v", o.Proof, want)
		}
		r := request()
		r.Lang = i18n.Russian // not translated: the prevailing text is shown and kept
		if got := place(t, d, k, r).Proof; got.Lang != i18n.English || !strings.HasPrefix(got.Text, "I understand") {
			t.Errorf("a reader of Russian ticked %q in %s", got.Text, got.Lang)
		}
	})
}

func TestOD_R_1_1_CreditsAreThereWhenThePaymentIsRecorded(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		if balance(t, d) != 0 {
			t.Error("credits were there before the money")
		}
		crash := errors.New("the process dies before the commit")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if err := Settle(k)(t.Context(), tx, paid(o, "pi_1", false)); err != nil {
				return err
			}
			return crash
		})
		if !errors.Is(err, crash) || balance(t, d) != 0 || len(mails(t, d)) != 0 {
			t.Errorf("something of an unrecorded payment remained: %v, %d credits", err, balance(t, d))
		}
		if err := settle(t, d, k, paid(o, "pi_1", false)); err != nil {
			t.Fatal(err)
		}
		if got := balance(t, d); got != 105 {
			t.Errorf("the balance is %d, want 100 and a bonus of 5", got)
		}
		lots, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]ledger.Lot, error) { return ledger.LotsOfOrder(t.Context(), tx, string(o.ID)) })
		if err != nil || len(lots) != 2 || lots[0].Price != money.Of(26900, "MXN") || lots[1].Parent != lots[0].ID {
			t.Errorf("the lots are %+v, %v", lots, err)
		}
	})
}

func TestOD_R_0_TheStatementOfAnOrderIsInTheChainOfProofs(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		got, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]account.Consent, error) { return account.Consents(t.Context(), tx, ana.ID) })
		if err != nil || len(got) != 1 || got[0].About != string(o.ID) || got[0].Text != o.Proof.Text || got[0].Control != "checkbox" ||
			got[0].Document != edition.Proof(k.Policies()[policy.Refund]) || got[0].Lang != o.Proof.Lang || got[0].Client != request().Client {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestAnOrderIsDeliveredOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := settle(t, d, k, paid(o, "pi_1", false)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := settle(t, d, k, paid(o, "pi_2", true)); err != nil {
			t.Fatal(err)
		}
		got, err := lookUp(t, d, ana.ID, o.ID)
		if err != nil || got.State != Paid || got.Payment != "pi_1" || got.Extra != 20 || balance(t, d) != 105 {
			t.Errorf("state %s, payment %s, %d extra charges, %d credits, %v", got.State, got.Payment, got.Extra, balance(t, d), err)
		}
		for range 3 {
			if err := SendReceipt(t.Context(), d, k, o.ID); err != nil {
				t.Fatal(err)
			}
		}
		receipts := 0
		for _, m := range mails(t, d) {
			if strings.HasPrefix(m.Key, "receipt:") {
				receipts++
			}
		}
		if receipts != 1 {
			t.Errorf("%d receipts were written", receipts)
		}
	})
}

func TestNobodySeesAnothersOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		for _, id := range []ID{o.ID, "ord_00000000000000000000000000", "", "'; DROP TABLE order_purchase; --"} {
			if _, err := lookUp(t, d, "acc_mallory", id); !errors.Is(err, ErrNotFound) {
				t.Errorf("mallory asks for %q: %v", id, err)
			}
		}
		all, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]Order, error) { return List(t.Context(), tx, "acc_mallory", "", 10) })
		if err != nil || len(all) != 0 {
			t.Errorf("mallory lists %v, %v", all, err)
		}
	})
}

func TestAnUnpaidOrderExpiresAndALatePaymentStillDelivers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		dbtest.Clock(d).Advance(ExpireAfter + time.Second)
		if err := d.InTx(t.Context(), func(tx *db.Tx) error { return Expire(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		if got, err := lookUp(t, d, ana.ID, o.ID); err != nil || got.State != Expired {
			t.Errorf("the order is %s, %v", got.State, err)
		}
		if err := settle(t, d, k, paid(o, "pi_late", false)); err != nil {
			t.Fatal(err)
		}
		if got, err := lookUp(t, d, ana.ID, o.ID); err != nil || got.State != Paid || balance(t, d) != 105 {
			t.Errorf("after the late payment: %s, %d credits, %v", got.State, balance(t, d), err)
		}
	})
}

func TestTheReceiptSaysWhatWasBoughtAndHowToAsk(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		if err := settle(t, d, k, paid(o, "pi_1", false)); err != nil {
			t.Fatal(err)
		}
		if err := SendReceipt(t.Context(), d, k, o.ID); err != nil {
			t.Fatal(err)
		}
		m := mails(t, d)[0]
		for _, part := range []string{o.Number, "100 créditos", "$269.00", "pi_1", "Entiendo que la IA", k.Shop.Contact.Billing, k.URL(o.ID)} {
			if !strings.Contains(m.Text, part) || m.To != ana.Email || m.Class != mail.Transactional {
				t.Errorf("the receipt to %s does not say %q:\n%s", m.To, part, m.Text)
			}
		}
		if len(m.Attachments) != 1 || !bytes.HasPrefix(m.Attachments[0].Content, []byte("%PDF-")) {
			t.Error("the invoice is not attached")
		}
	})
}

func TestTheSameOrderGivesTheSameInvoice(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := desk(t, d)
		o := place(t, d, k, request())
		if _, err := Invoice(k, o); !errors.Is(err, fault.NotFound) {
			t.Errorf("an unpaid order has an invoice: %v", err)
		}
		o.State, o.PaidAt, o.Payment = Paid, d.Clock().Now(), "pi_1"
		a, err := Invoice(k, o)
		b, err2 := Invoice(k, o)
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("two invoices of one order differ (%v, %v)", err, err2)
		}
	})
}
