package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"safelight/internal/serve"
)

// The lengths of a password, in characters.
const (
	MinPassword = 8
	MaxPassword = 128
)

// strong is the least score, of 0 to 4: safe from 10^8 guesses.
const strong = 3

// CheckPassword returns what is wrong with a new password for the address:
// its length, its being easy to guess (common, a pattern, made of the address
// or of the shop's name), or its being the address.
func CheckPassword(password, email, shop string) error {
	password = normal(password)
	if err := checkLength(password); err != nil {
		return err
	}
	local, domain, _ := cutLast(strings.ToLower(email), "@")
	if resembles(strings.ToLower(password), local, domain) {
		return ErrPasswordEmail
	}
	// The estimate's cost grows with length, and what is long enough is strong.
	head := string([]rune(password)[:min(40, utf8.RuneCountInString(password))])
	hints := append(strings.FieldsFunc(local, func(c rune) bool { return strings.ContainsRune("._+-", c) }),
		local, domain, strings.ToLower(shop))
	if zxcvbn.PasswordStrength(head, hints).Score < strong {
		return ErrPasswordWeak
	}
	return nil
}

func checkLength(password string) error {
	switch n := utf8.RuneCountInString(normal(password)); {
	case !utf8.ValidString(password):
		return ErrPasswordWeak
	case n < MinPassword:
		return ErrPasswordShort
	case n > MaxPassword || len(password) > 4*MaxPassword:
		return ErrPasswordLong
	}
	return nil
}

// resembles reports whether the address makes up most of the password.
func resembles(password, local, domain string) bool {
	rest := password
	for _, part := range []string{local + "@" + domain, local, domain} {
		if len(part) >= 3 {
			rest = strings.ReplaceAll(rest, part, "")
		}
	}
	return len(rest)*2 < len(password)
}

// Cost is what one hash takes.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// DefaultCost is 19 MiB, two passes, one lane.
var DefaultCost = Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}

func (c Cost) below(o Cost) bool {
	return c.Memory < o.Memory || c.Passes < o.Passes || c.Lanes < 1
}

// maxWaiting is how many may wait for their turn to hash.
const maxWaiting = 256

// A hasher hashes passwords, so many at a time.
type hasher struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int64
	done    atomic.Int64 // hashes made, for the tests of equal work
	nobody  string       // what an unknown address is compared with
}

func newHasher(c Cost, slots int) (*hasher, error) {
	h := &hasher{cost: c, slots: make(chan struct{}, slots)}
	var err error
	h.nobody, err = h.hash(context.Background(), rand.Text())
	return h, err
}

// turn waits for a slot. It returns serve.ErrBusy when too many wait.
func (h *hasher) turn(ctx context.Context) (end func(), err error) {
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		return nil, serve.ErrBusy
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash returns the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails: it ends the program instead
	sum, err := h.sum(ctx, password, salt, h.cost)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.Memory, h.cost.Passes, h.cost.Lanes, b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// matches reports whether the password is the one that was hashed, and
// whether the hash is cheaper than a new one would be.
func (h *hasher) matches(ctx context.Context, password, phc string) (ok, stale bool, err error) {
	c, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, false, err
	}
	got, err := h.sum(ctx, password, salt, c)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, c.below(h.cost), nil
}

func (h *hasher) sum(ctx context.Context, password string, salt []byte, c Cost) ([]byte, error) {
	end, err := h.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	h.done.Add(1)
	return argon2.IDKey([]byte(normal(password)), salt, c.Passes, c.Memory, c.Lanes, 32), nil
}

func parsePHC(s string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, fmt.Errorf("account: a stored hash of an unknown kind")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Lanes); err != nil {
		return c, nil, nil, fmt.Errorf("account: a stored hash: %w", err)
	}
	if c.Memory > 1<<20 || c.Passes < 1 || c.Passes > 64 || c.Lanes < 1 {
		return c, nil, nil, fmt.Errorf("account: a stored hash of an impossible cost")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, fmt.Errorf("account: a stored hash: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(sum) != 32 {
		return c, nil, nil, fmt.Errorf("account: a stored hash is cut: %w", err)
	}
	return c, salt, sum, nil
}

// normal is the form in which two ways to type one password are equal.
func normal(password string) string { return norm.NFKC.String(password) }
