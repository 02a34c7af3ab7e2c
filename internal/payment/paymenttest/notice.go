package paymenttest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"safelight/internal/db"
	"safelight/internal/payment"
)

// Forgery is a notice that must not be believed.
type Forgery struct {
	Body      []byte
	Signature string
}

// Forgeries makes ten kinds of notices out of a genuine body that must all be
// refused at the time now.
func Forgeries(r Rig, body []byte, now time.Time) map[string]Forgery {
	good := r.Sign("", now, body)
	time_, mac, _ := strings.Cut(good, ",v1=")
	changed := bytes.Replace(body, []byte(`"livemode":false`), []byte(`"livemode":true `), 1)
	wrong := r.Sign("whsec_of_somebody_else", now, body)
	_, wrongMAC, _ := strings.Cut(wrong, ",v1=")
	return map[string]Forgery{
		"signed with another secret":       {body, wrong},
		"not signed":                       {body, ""},
		"signed six minutes ago":           {body, r.Sign("", now.Add(-6*time.Minute), body)},
		"signed in six minutes":            {body, r.Sign("", now.Add(6*time.Minute), body)},
		"changed after it was signed":      {changed, good},
		"signed by a scheme of old":        {body, time_ + ",v0=" + mac},
		"two signatures, both wrong":       {body, wrong + ",v1=" + strings.Repeat("00", 32)},
		"the time changed":                 {body, fmt.Sprintf("t=%d,v1=%s", now.Unix()+1, mac)},
		"two times":                        {body, fmt.Sprintf("t=%d,%s", now.Unix()-1, good)},
		"an empty body":                    {nil, good},
		"a signature cut short":            {body, good[:len(good)-2]},
		"a signature that is no number":    {body, time_ + ",v1=zz" + mac[2:]},
		"a thousand signatures":            {body, good + strings.Repeat(",v1="+wrongMAC, 1000)},
		"a time that is no number":         {body, "t=now,v1=" + mac},
		"nothing but commas in the header": {body, ",,,"},
	}
}

func noticesAreRead(t *testing.T, d *db.DB, r Rig) {
	c := checkout(d, r)
	p := r.open(t, c)
	r.Pay(t, p.Ref, Good)
	now := d.Clock().Now()
	seen := 0
	for _, body := range r.Notices(t) {
		for _, at := range []time.Time{now, now.Add(-4 * time.Minute), now.Add(4 * time.Minute)} {
			e, err := r.Processor.Verify(body, Header(r.Sign("", at, body)), now)
			if err != nil {
				t.Fatalf("signed at %s: %v", at, err)
			}
			if e.ID == "" || e.Type == "" || !bytes.Equal(e.Payload, body) || e.Live != r.Processor.Identity().Live {
				t.Errorf("read as %+v", e)
			}
			if e.Topic == payment.TopicPayment && r.facts(t, e.Object).Order == c.Order {
				seen++
			}
		}
		rotated := r.Sign("whsec_the_secret_before", now, body) + "," + strings.SplitN(r.Sign("", now, body), ",", 2)[1]
		if _, err := r.Processor.Verify(body, Header(rotated), now); err != nil {
			t.Errorf("while the secret is being changed: %v", err)
		}
	}
	if seen == 0 {
		t.Error("no notice led to the payment")
	}
}

func forgedIsRefused(t *testing.T, d *db.DB, r Rig) {
	r.Pay(t, r.open(t, checkout(d, r)).Ref, Good)
	now := d.Clock().Now()
	for name, f := range Forgeries(r, r.Notices(t)[0], now) {
		if e, err := r.Processor.Verify(f.Body, Header(f.Signature), now); !errors.Is(err, payment.ErrSignature) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	for _, body := range []string{"", "{}", "[]", "null", `{"object":"event"}`, `{"id":"evt_1","object":"event","type":"a\u0000b"}`,
		`{"id":"evt_1","object":"event","type":"charge.succeeded","created":-1}`, `{"id":"evt_1","object":"event","type":"x","created":1e99}`} {
		_, err := r.Processor.Verify([]byte(body), Header(r.Sign("", now, []byte(body))), now)
		if !errors.Is(err, payment.ErrUnreadable) {
			t.Errorf("signed %q: %v", body, err)
		}
	}
}
