package api

import (
	"net/http"
	"slices"
	"testing"

	"safelight/internal/db"
	"safelight/internal/fact"
	"safelight/internal/order"
	"safelight/internal/payment"
)

func TestACaseIsPreviewedAndNothingIsStored(t *testing.T) {
	each(t, func(t *testing.T, g *rig) {
		ana, eve := g.customer("ana@example.com", 0), g.customer("eve@example.com", 0)
		id := ana.want(201, "POST", "/api/v1/checkout", `{"item":"pack-100","statement_accepted":true}`)["order_id"].(string)
		g.do(func(tx *db.Tx) error {
			o, err := order.Find(t.Context(), tx, ana.account.ID, order.ID(id))
			if err != nil {
				return err
			}
			return order.Settle(g.api.Desk)(t.Context(), tx, payment.Paid{Session: payment.Session{ID: o.Session, Intent: payment.Intent{Order: id}},
				Charge: payment.Charge{ID: "chg_1", Payment: "pi_1", Amount: o.Amount}})
		})
		path := "/api/v1/cases/preview?order_id=" + id + "&ground="
		d := ana.want(200, "GET", path+"unused", "")
		if d["outcome"] != "deny" || d["shop"] != "opendream" || d["policy"] != "refund" || !slices.Equal(d["clauses"].([]any), []any{"2.2"}) || d["letter"] == "" {
			t.Errorf("unused credits: %v", d)
		}
		for _, ground := range fact.Grounds {
			if d := ana.want(200, "GET", path+string(ground), ""); d["version"] != "2026-02-20" || d["steps"] == nil || d["remedies"] == nil {
				t.Errorf("%s: %v", ground, d)
			}
		}
		if n := g.count(`SELECT count(*) FROM refund_decision`); n != 0 {
			t.Errorf("%d decisions were stored", n)
		}
		ana.refused(http.StatusUnprocessableEntity, "ground", "GET", path+"whim", "")
		ana.refused(http.StatusUnprocessableEntity, "request", "GET", "/api/v1/cases/preview?ground=unused", "")
		ana.refused(http.StatusNotFound, "not_found", "GET", "/api/v1/cases/preview?order_id=ord_x&ground=unused", "")
		eve.refused(http.StatusNotFound, "not_found", "GET", path+"unused", "")
	})
}
