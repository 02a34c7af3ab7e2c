package i18n

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a shop may call its credits. A name has one stem in each language; the
// endings are those of the word for credit, so that a message needs no second
// text.
var units = map[string]map[Lang][2]string{
	"credit": nil,
	"token":  {English: {"credit", "token"}, Spanish: {"crédito", "token"}, Russian: {"кредит", "токен"}},
}

// Units are the names that [CallCredits] knows.
func Units() []string { return slices.Sorted(maps.Keys(units)) }

// CallCredits has all messages call credits by the name that the shop gives
// them. A process does it once, before it writes anything.
func CallCredits(unit string) error {
	stems, ok := units[unit]
	if !ok {
		return fmt.Errorf("i18n: %q is not one of %v", unit, Units())
	}
	if unit == called {
		return nil
	}
	say := func(l Lang, key, text string) string {
		if s, ok := stems[l]; ok && key != crediting {
			return rename(l, text, s[0], s[1])
		}
		return text
	}
	bundle = load(say)
	printers = newPrinters()
	called = unit
	return nil
}

// called is what credits are called now.
var called = "credit"

// crediting is the message about the act of giving credits, not about them.
const crediting = "policy.remedy.credit"

func asWritten(_ Lang, _, text string) string { return text }

// words finds words, and passes over the names of parameters.
var words = regexp.MustCompile(`{{[^}]*}}|[\pL]+`)

// endings are those that the word for credit takes. What ends otherwise is
// another word, such as "credited".
var endings = map[Lang][]string{English: {"", "s"}, Spanish: {"", "s"}, Russian: {"", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах"}}

func rename(l Lang, text, from, to string) string {
	return words.ReplaceAllStringFunc(text, func(w string) string {
		ending, ok := strings.CutPrefix(strings.ToLower(w), from)
		if !ok || !slices.Contains(endings[l], ending) {
			return w
		}
		if first, _ := utf8.DecodeRuneInString(w); unicode.IsUpper(first) {
			r, size := utf8.DecodeRuneInString(to)
			return string(unicode.ToUpper(r)) + to[size:] + ending
		}
		return to + ending
	})
}
