package stripe

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	api "github.com/stripe/stripe-go/v86"
	"github.com/stripe/stripe-go/v86/webhook"

	"safelight/internal/payment"
)

// maxSignatures bounds the work that one header can ask for.
const maxSignatures = 8

// Verify checks the notice's signature over the raw body against a clock that
// is given, since the shop's clock may be ahead of the machine's, and reads
// which object it is about.
func (p *Processor) Verify(body []byte, h http.Header, now time.Time) (payment.Event, error) {
	headers := h.Values("Stripe-Signature")
	if len(headers) != 1 {
		return payment.Event{}, payment.ErrSignature.Because(fmt.Errorf("%d signature headers", len(headers)))
	}
	at, signatures, err := readSignature(headers[0])
	if err != nil {
		return payment.Event{}, payment.ErrSignature.Because(err)
	}
	if age := now.Sub(at); age > payment.Tolerance || age < -payment.Tolerance {
		return payment.Event{}, payment.ErrSignature.Because(fmt.Errorf("signed %s ago", age))
	}
	want := webhook.ComputeSignature(at, body, p.secret)
	if !slices.ContainsFunc(signatures, func(s []byte) bool { return hmac.Equal(s, want) }) {
		return payment.Event{}, payment.ErrSignature.Because(fmt.Errorf("none of %d signatures fits", len(signatures)))
	}
	return readEvent(body)
}

// readSignature reads "t=SECONDS,v1=HEX[,v1=HEX…]". Other schemes are skipped;
// one time is required.
func readSignature(header string) (at time.Time, signatures [][]byte, err error) {
	times := 0
	for part := range strings.SplitSeq(header, ",") {
		scheme, value, ok := strings.Cut(part, "=")
		if !ok {
			return at, nil, fmt.Errorf("%q is no part of a signature", part)
		}
		switch strings.TrimSpace(scheme) {
		case "t":
			seconds, err := strconv.ParseInt(value, 10, 64)
			if err != nil || seconds <= 0 || seconds > maxSeconds {
				return at, nil, fmt.Errorf("%q is no time", value)
			}
			at, times = time.Unix(seconds, 0), times+1
		case "v1":
			s, err := hex.DecodeString(value)
			if err == nil {
				signatures = append(signatures, s)
			}
		}
	}
	if times != 1 || len(signatures) == 0 || len(signatures) > maxSignatures {
		return at, nil, fmt.Errorf("%d times and %d signatures", times, len(signatures))
	}
	return at, signatures, nil
}

// maxSeconds is in the year 5138: what is later fits no column.
const maxSeconds = 100_000_000_000

// token is what Stripe's ids and types are made of.
var token = regexp.MustCompile(`^[A-Za-z0-9_.]{1,255}$`)

func readEvent(body []byte) (payment.Event, error) {
	var e struct {
		ID       string `json:"id"`
		Object   string `json:"object"`
		Type     string `json:"type"`
		Created  int64  `json:"created"`
		Livemode bool   `json:"livemode"`
		Data     struct {
			Object struct {
				ID string `json:"id"`
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return payment.Event{}, payment.ErrUnreadable.Because(err)
	}
	object := e.Data.Object.ID
	if topic(e.Type) == payment.TopicOther && !token.MatchString(object) {
		object = "" // shops name coupons and products as they like
	}
	if e.Object != "event" || !token.MatchString(e.ID) || !token.MatchString(e.Type) || !utf8.Valid(body) ||
		(object != "" && !token.MatchString(object)) || e.Created < 0 || e.Created > maxSeconds {
		return payment.Event{}, payment.ErrUnreadable
	}
	return payment.Event{ID: e.ID, Type: e.Type, Topic: topic(e.Type), Object: object, Live: e.Livemode,
		At: time.Unix(e.Created, 0).UTC(), Payload: body}, nil
}

// topic says what a type of event is about. Refunds and disputes of a charge
// are named after the charge.
func topic(kind string) payment.Topic {
	switch {
	case strings.HasPrefix(kind, "charge.dispute."), strings.HasPrefix(kind, "radar.early_fraud_warning."):
		return payment.TopicDispute
	case strings.HasPrefix(kind, "charge.refund"), strings.HasPrefix(kind, "refund."):
		return payment.TopicRefund
	case strings.HasPrefix(kind, "checkout.session."), strings.HasPrefix(kind, "payment_intent."), strings.HasPrefix(kind, "charge."):
		return payment.TopicPayment
	}
	return payment.TopicOther
}

// Events reads Stripe's list of events, which goes back 30 days.
func (p *Processor) Events(ctx context.Context, since time.Time) ([]payment.Event, error) {
	params := &api.EventListParams{CreatedRange: &api.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	params.Limit = api.Int64(100)
	var all []payment.Event
	for e, err := range p.client.V1Events.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, meaning("events", err)
		}
		event, err := listed(e)
		if err != nil {
			return nil, err
		}
		all = append(all, event)
	}
	slices.Reverse(all)
	return all, nil
}

func listed(e *api.Event) (payment.Event, error) {
	body, err := json.Marshal(map[string]any{"id": e.ID, "object": "event", "type": e.Type, "created": e.Created,
		"livemode": e.Livemode, "api_version": e.APIVersion, "data": map[string]any{"object": e.Data.Raw}})
	if err != nil {
		return payment.Event{}, fmt.Errorf("stripe: event %s: %w", e.ID, err)
	}
	return readEvent(body)
}
