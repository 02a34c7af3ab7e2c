package web

import (
	"net/url"
	"strconv"
	"strings"

	"safelight/internal/i18n"
)

// languages are those that the shop offers.
func languages(s Shop) []i18n.Lang {
	if len(s.Languages) == 0 {
		return i18n.Languages
	}
	return s.Languages
}

func args(name string, value any) i18n.Args { return i18n.Args{name: value} }

func boolean(b bool) string { return strconv.FormatBool(b) }

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func describedBy(f Field) string {
	ids := []string{}
	if f.Wrong != "" {
		ids = append(ids, f.Name+"-wrong")
	}
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	return strings.Join(ids, " ")
}

func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?" + url.Values{"next": {next}}.Encode()
}
