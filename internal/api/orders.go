package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/money"
	"safelight/internal/order"
	"safelight/internal/payment"
	"safelight/internal/serve"
)

// Checkout is what a buyer sends.
type Checkout struct {
	Item              string `json:"item" doc:"A pack's id from the price list."`
	Quantity          int64  `json:"quantity,omitempty" minimum:"1" maximum:"100" default:"1"`
	Currency          string `json:"currency,omitempty" doc:"One of the shop's; its first when left out."`
	StatementAccepted bool   `json:"statement_accepted,omitempty" doc:"Must be true: the shop's statement, as its refund policy words it, is accepted."`
	Locale            string `json:"locale,omitempty" doc:"Language of the statement, the payment page and the receipt."`
}

// Placed is an order that waits for its payment.
type Placed struct {
	OrderID     string `json:"order_id"`
	OrderNumber string `json:"order_number"`
	ProviderRef string `json:"provider_ref" doc:"The processor's id of the payment page."`
	Amount      int64  `json:"amount" doc:"In the currency's smallest unit."`
	Currency    string `json:"currency"`
	RedirectURL string `json:"redirect_url" doc:"The processor's payment page."`
}

// Order is a purchase.
type Order struct {
	ID        string  `json:"id"`
	Number    string  `json:"number"`
	Status    string  `json:"status" enum:"placed,paid,expired"`
	Item      string  `json:"item"`
	Quantity  int64   `json:"quantity"`
	Credits   int64   `json:"credits"`
	Bonus     int64   `json:"bonus"`
	Amount    int64   `json:"amount" doc:"In the currency's smallest unit."`
	Currency  string  `json:"currency"`
	Payment   string  `json:"payment,omitempty" doc:"The processor's id of the payment."`
	Statement string  `json:"statement" doc:"What was accepted, word for word."`
	Policy    string  `json:"policy_version"`
	CreatedAt string  `json:"created_at" format:"date-time"`
	PaidAt    *string `json:"paid_at" format:"date-time"`
}

// Orders is a list.
type Orders struct {
	Orders []Order `json:"orders"`
}

type orderID struct {
	ID string `path:"id"`
}

func orderOf(o order.Order) Order {
	return Order{ID: string(o.ID), Number: o.Number, Status: string(o.State), Item: o.Item, Quantity: o.Quantity, Credits: o.Credits,
		Bonus: o.Bonus, Amount: o.Amount.Minor, Currency: string(o.Amount.Currency), Payment: o.Payment, Statement: o.Proof.Text,
		Policy: o.Proof.Version, CreatedAt: *stamp(o.PlacedAt), PaidAt: stamp(o.PaidAt)}
}

func (a *API) orders() {
	tags := []string{"Orders"}
	call(a, huma.Operation{OperationID: "checkout", Method: http.MethodPost, Path: "/api/v1/checkout", DefaultStatus: http.StatusCreated, Tags: tags,
		Summary: "Order a pack", Description: "Places an order and opens the processor's payment page, to which the buyer goes. " +
			"The credits are there as soon as the payment is recorded: ask for the order until it is paid.",
		Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, Parameters: onceHeader()}, a.checkout)
	call(a, huma.Operation{OperationID: "list-orders", Method: http.MethodGet, Path: "/api/v1/orders", Summary: "Your orders", Tags: tags,
		Description: "Newest first.", Errors: []int{http.StatusUnprocessableEntity}}, a.listOrders)
	call(a, huma.Operation{OperationID: "get-order", Method: http.MethodGet, Path: "/api/v1/orders/{id}", Summary: "One order", Tags: tags,
		Errors: []int{http.StatusNotFound}},
		func(ctx context.Context, who account.Visitor, in *orderID) (*body[Order], error) {
			o, err := a.findOrder(ctx, who, in.ID)
			if err != nil {
				return nil, err
			}
			return &body[Order]{orderOf(o)}, nil
		})
	a.stream(huma.Operation{OperationID: "get-invoice", Method: http.MethodGet, Path: "/api/v1/orders/{id}/invoice.pdf", Tags: tags,
		Summary: "The invoice of a paid order, as PDF", Parameters: []*huma.Param{idParam()},
		Responses: file("application/pdf"), Errors: []int{http.StatusNotFound}}, a.invoice)
}

func (a *API) findOrder(ctx context.Context, who account.Visitor, id string) (order.Order, error) {
	return db.Ask(ctx, a.DB, func(tx *db.Tx) (order.Order, error) { return order.Find(ctx, tx, who.Account.ID, order.ID(id)) })
}

func (a *API) checkout(ctx context.Context, who account.Visitor, in *body[Checkout]) (*body[Placed], error) {
	r, err := a.request(ctx, who, in.Body)
	if err != nil {
		return nil, err
	}
	if r.Key, err = onceKey(ctx, in.Body); err != nil {
		return nil, err
	}
	o, err := db.Do(ctx, a.DB, func(tx *db.Tx) (order.Order, error) { return order.Place(ctx, tx, a.Desk, r) })
	if err != nil {
		return nil, err
	}
	if _, err := payment.Open(ctx, a.DB, a.Processor, o.Session); err != nil {
		return nil, err
	}
	s, err := db.Ask(ctx, a.DB, func(tx *db.Tx) (payment.Session, error) { return payment.Find(ctx, tx, o.Session) })
	if err != nil {
		return nil, err
	}
	return &body[Placed]{Placed{OrderID: string(o.ID), OrderNumber: o.Number, ProviderRef: s.Ref, Amount: o.Amount.Minor,
		Currency: string(o.Amount.Currency), RedirectURL: s.URL}}, nil
}

func (a *API) listOrders(ctx context.Context, who account.Visitor, in *page) (*body[Orders], error) {
	if err := in.valid("ord"); err != nil {
		return nil, err
	}
	all, err := db.Ask(ctx, a.DB, func(tx *db.Tx) ([]order.Order, error) {
		return order.List(ctx, tx, who.Account.ID, order.ID(in.Before), in.Limit)
	})
	out := Orders{Orders: []Order{}}
	for _, o := range all {
		out.Orders = append(out.Orders, orderOf(o))
	}
	return &body[Orders]{out}, err
}

func (a *API) request(ctx context.Context, who account.Visitor, c Checkout) (order.Request, error) {
	r := order.Request{Buyer: who.Account, Item: c.Item, Quantity: c.Quantity, Currency: money.Currency(c.Currency), Lang: i18n.Lang(c.Locale),
		StatementAccepted: c.StatementAccepted, Control: "api", Client: clientOf(ctx)}
	if c.Currency == "" {
		r.Currency = a.Shop.Currencies[0]
	}
	if c.Locale == "" {
		r.Lang = serve.Lang(ctx)
	}
	if !a.Shop.Speaks(r.Lang) {
		return r, ErrLocale.On("locale")
	}
	return r, nil
}

func (a *API) invoice(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	o, err := a.findOrder(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	pdf, err := order.Invoice(a.Desk, o)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="invoice-`+o.Number+`.pdf"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(pdf)))
	w.Header().Set("Cache-Control", "private, no-store")
	_, err = w.Write(pdf)
	return err
}
