package explain

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"safelight/internal/i18n"
)

// plainSpaces makes what holds a word and its number together comparable.
var plainSpaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

func TestLengthsAreWrittenToTheSecond(t *testing.T) {
	v := voice{i18n.For(i18n.Russian)}
	for d, want := range map[time.Duration]string{
		0: "0 секунд", 24*time.Hour - time.Second: "23 часа 59 минут 59 секунд", 30 * time.Hour: "30 часов",
		100 * time.Hour: "4 дня 4 часа", 1500 * time.Millisecond: "1,5 секунды",
	} {
		if got := v.length(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestWhatIsNotExactIsSaidToBe(t *testing.T) {
	v := voice{i18n.For(i18n.English)}
	for _, c := range []struct {
		r     *big.Rat
		want  string
		exact bool
	}{{big.NewRat(3995, 1000), "$3.995", true}, {big.NewRat(-5, 1), "−$5.00", true}, {big.NewRat(8, 3), "$2.666667", false}} {
		if got, exact := v.money(c.r, "USD"); got != c.want || exact != c.exact {
			t.Errorf("%v is %q (%v), want %q", c.r, got, exact, c.want)
		}
	}
}
