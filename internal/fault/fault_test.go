package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestErrorsAreComparedByCode(t *testing.T) {
	base := New(Payment, "ledger.shortfall", "There are not enough credits.")
	wrapped := fmt.Errorf("lab: start: %w", base.With(Args{"need": 4}).On("scale").Because(errors.New("row 7")))
	if !errors.Is(wrapped, base) {
		t.Error("the wrapped error is not recognised by its code")
	}
	if !errors.Is(wrapped, Payment) {
		t.Error("the wrapped error is not recognised by its kind")
	}
	if errors.Is(wrapped, NotFound) {
		t.Error("a payment error passes for not found")
	}
	if got := Of(wrapped); got.Field != "scale" || got.Args["need"] != 4 {
		t.Errorf("field and arguments are lost: %+v", got)
	}
	if base.Args != nil || base.Field != "" {
		t.Error("With or On changed the shared error")
	}
}

func TestForeignErrorIsInternal(t *testing.T) {
	got := Of(errors.New("pq: password authentication failed"))
	if got.Kind != Internal || got.Code != "fault.internal" {
		t.Errorf("a foreign error became %s %s", got.Kind, got.Code)
	}
}
