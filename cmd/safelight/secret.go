package main

import "net/url"

// shown hides what a setting must not tell: all of it, or the password in an
// address.
func shown(secret, value string) string {
	switch {
	case value == "" || secret == "":
		return value
	case secret == "password":
		if u, err := url.Parse(value); err == nil {
			return u.Redacted()
		}
	}
	return "(hidden)"
}
