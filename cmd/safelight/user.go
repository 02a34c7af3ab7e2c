package main

import (
	"context"
	"fmt"

	"safelight/internal/account"
	"safelight/internal/clock"
	"safelight/internal/db"
	"safelight/internal/i18n"
	"safelight/internal/ledger"
)

type userCreateCmd struct {
	Email    string `help:"The e-mail address." required:""`
	Password string `help:"The password; without one a random one is made and printed."`
	Credits  int64  `help:"Credits to give, as goodwill." default:"0"`
	Role     string `help:"customer, reviewer or operator." default:"customer" enum:"customer,reviewer,operator"`
	Lang     string `help:"Language of pages and letters." default:"en" enum:"en,es,ru"`
	Token    bool   `help:"Print an API token alone on the last line."`
}

// Run makes a verified account, its credits and its token, all or nothing.
func (c *userCreateCmd) Run(ctx context.Context, s streams, set *settings) error {
	d, closeDB, err := set.openDatabaseAt(ctx, &clock.Shifted{})
	if err != nil {
		return err
	}
	defer closeDB()
	people, err := account.New(account.Config{BaseURL: "http://localhost", Shop: "Safelight", Statements: noStatements, Letter: noLetter}, d)
	if err != nil {
		return err
	}
	var token string
	then := func(ctx context.Context, tx *db.Tx, a account.Account) error {
		if c.Credits != 0 {
			cause := ledger.Cause{Owner: ledger.Owner(a.ID), Key: "create:" + string(a.ID), Source: "command line"}
			if _, err := ledger.Issue(ctx, tx, cause, ledger.Grant{Class: ledger.Goodwill, Credits: c.Credits}); err != nil {
				return err
			}
		}
		if !c.Token {
			return nil
		}
		_, token, err = account.IssueToken(ctx, tx, a.ID, "command line")
		return err
	}
	a, password, err := people.Create(ctx, account.Create{Email: c.Email, Password: c.Password, Role: account.Role(c.Role),
		Lang: i18n.Lang(c.Lang), Then: then})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s %s %s\n", a.ID, a.Email, a.Role)
	if c.Password == "" {
		fmt.Fprintln(s.out, "password:", password)
	}
	if c.Token {
		fmt.Fprintln(s.out, token)
	}
	return nil
}

// The command line writes no letters and asks for no statements: who runs it
// answers for the account.
func noLetter(context.Context, *db.Tx, account.Letter) error { return nil }

func noStatements(context.Context, *db.Tx, i18n.Lang) ([]account.Statement, error) { return nil, nil }
