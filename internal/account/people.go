package account

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/i18n"
	"safelight/internal/serve"
)

// Config is what the shop gives.
type Config struct {
	// BaseURL is the public address that links in letters begin with.
	BaseURL string
	// Shop is the shop's name, which no password may rest upon.
	Shop string
	// Letter writes a letter in the transaction, to be sent after it.
	Letter func(ctx context.Context, tx *db.Tx, l Letter) error
	// Statements are what a person is asked to agree to at sign-up now.
	Statements func(ctx context.Context, tx *db.Tx, lang i18n.Lang) ([]Statement, error)
	// OnVerified is called once for each person whose address is proven, in
	// the same transaction; nil does nothing.
	OnVerified func(ctx context.Context, tx *db.Tx, a Account) error
	// Cost is what a password's hash costs; zero is [DefaultCost].
	Cost Cost
	// Hashers is how many passwords are hashed at once; zero is one a core.
	Hashers int
}

// ErrConfig is a Config that cannot be used.
var ErrConfig = fault.New(fault.Invalid, "account.config", "The settings of accounts are not complete.")

// Validate reports a value that is missing or unsafe.
func (c Config) Validate() error {
	switch {
	case c.BaseURL == "" || strings.HasSuffix(c.BaseURL, "/"):
		return ErrConfig.On("BaseURL")
	case c.Letter == nil:
		return ErrConfig.On("Letter")
	case c.Statements == nil:
		return ErrConfig.On("Statements")
	case c.Cost != Cost{} && c.Cost.below(DefaultCost):
		return ErrConfig.On("Cost")
	}
	return nil
}

// People has the verbs that need the shop's settings. It is safe for
// concurrent use.
type People struct {
	cfg  Config
	db   *db.DB
	hash *hasher
}

// New returns the people of a shop. The caller has validated c.
func New(c Config, d *db.DB) (*People, error) {
	if c.Cost == (Cost{}) {
		c.Cost = DefaultCost
	}
	if c.Hashers == 0 {
		c.Hashers = runtime.GOMAXPROCS(0)
	}
	h, err := newHasher(c.Cost, c.Hashers)
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	return &People{cfg: c, db: d, hash: h}, nil
}

// The limits. Those by network are per IPv4 address or IPv6 /64.
var (
	signInsByPair    = serve.Window{Name: "account.sign_in_pair", Max: 10, Per: 15 * time.Minute}
	signInsByNetwork = serve.Window{Name: "account.sign_in_network", Max: 60, Per: 15 * time.Minute}
	signUpsByNetwork = serve.Window{Name: "account.sign_up_network", Max: 60, Per: time.Hour}
	lettersByAddress = serve.Window{Name: "account.letter_address", Max: 5, Per: time.Hour}
	lettersByNetwork = serve.Window{Name: "account.letter_network", Max: 60, Per: time.Hour}
	resetsByAddress  = serve.Window{Name: "account.reset_address", Max: 5, Per: time.Hour}
	passwordChanges  = serve.Window{Name: "account.password_change", Max: 10, Per: 15 * time.Minute}
	linkGuesses      = serve.Window{Name: "account.link_network", Max: 60, Per: 15 * time.Minute}
)
