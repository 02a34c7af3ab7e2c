package id

import (
	"slices"
	"testing"
)

type jobID string

func TestIDsSortByTheTimeTheyWereMade(t *testing.T) {
	ids := make([]jobID, 10_000)
	for i := range ids {
		ids[i] = New[jobID]("job")
	}
	if !slices.IsSorted(ids) {
		t.Error("ids do not sort in the order they were made")
	}
	if len(slices.Compact(ids)) != 10_000 {
		t.Error("two ids are equal")
	}
}

func TestValidRefusesWhatNewDidNotMake(t *testing.T) {
	good := string(New[jobID]("job"))
	for _, c := range []struct {
		name, s string
		want    bool
	}{
		{"an id of this kind", good, true},
		{"an id of another kind", string(New[jobID]("ord")), false},
		{"nothing", "", false},
		{"the prefix alone", "job_", false},
		{"one character too many", good + "0", false},
		{"a letter outside the alphabet", good[:len(good)-1] + "u", false},
		{"upper case", "job_" + "06ESAXG3VDH8CD3TY6F4WK0VHC", false},
		{"a path", "job_../../../../../etc/passwd", false},
	} {
		if got := Valid("job", c.s); got != c.want {
			t.Errorf("%s: Valid(%q) is %v", c.name, c.s, got)
		}
	}
}

func TestSecretsDiffer(t *testing.T) {
	if a, b := Secret(), Secret(); a == b || len(a) != 32 {
		t.Errorf("secrets %q and %q", a, b)
	}
}
