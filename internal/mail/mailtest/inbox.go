package mailtest

import (
	"testing"

	"safelight/internal/db"
	"safelight/internal/mail"
)

// Inbox gives the messages written to an address, the newest first.
func Inbox(t testing.TB, d *db.DB, to string) []mail.Sent {
	t.Helper()
	all, err := db.Ask(t.Context(), d, func(tx *db.Tx) ([]mail.Sent, error) {
		return mail.List(t.Context(), tx, mail.Filter{To: to}, mail.Page{Limit: 1000})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Last gives the newest message written to an address; the test ends if there
// is none.
func Last(t testing.TB, d *db.DB, to string) mail.Sent {
	t.Helper()
	all := Inbox(t, d, to)
	if len(all) == 0 {
		t.Fatalf("nothing was written to %s", to)
	}
	return all[0]
}
