package web

import (
	"slices"

	"safelight/internal/fact"
)

// usual are the grounds that come up with a purchase of each kind, the most
// usual first: the form lists them first.
var usual = map[string][]fact.Ground{
	"pack": {"duplicate_charge", "non_delivery", "system_failure", "outage", "erroneous_charge", "quality", "change_of_mind", "unused", "user_error",
		"glitch", "expired_tokens", "free_tokens", "return_credits", "cash_exchange", "unauthorised_use"},
	"pass":         {"duplicate_charge", "non_delivery", "outage", "erroneous_charge", "quality", "change_of_mind", "unused", "glitch"},
	"subscription": {"cancel_subscription", "prorate_subscription", "duplicate_charge", "non_delivery", "system_failure", "change_of_mind", "unused"},
	"commission":   {"cancel_commission", "quality", "brief_not_met", "change_of_mind", "duplicate_charge", "non_delivery", "erroneous_charge"},
	"print":        {"print_defect", "print_change", "print_return", "change_of_mind", "duplicate_charge", "non_delivery", "erroneous_charge"},
}

// told are the grounds that the page of an order answers.
var told = map[string][]fact.Ground{
	"pack":         {"duplicate_charge", "erroneous_charge", "non_delivery", "outage", "quality", "change_of_mind", "unused"},
	"pass":         {"duplicate_charge", "erroneous_charge", "non_delivery", "outage", "quality", "change_of_mind"},
	"subscription": {"cancel_subscription", "prorate_subscription", "duplicate_charge", "erroneous_charge", "non_delivery"},
	"commission":   {"cancel_commission", "quality", "brief_not_met", "duplicate_charge", "erroneous_charge"},
	"print":        {"print_defect", "print_change", "print_return", "duplicate_charge", "erroneous_charge"},
}

// unusual are all grounds that do not come up with the kind.
func unusual(kind string) []fact.Ground {
	return slices.DeleteFunc(slices.Clone(fact.Grounds), func(g fact.Ground) bool { return slices.Contains(usual[kind], g) })
}
