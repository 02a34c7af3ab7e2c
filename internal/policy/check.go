package policy

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"safelight/internal/fact"
	"safelight/internal/shop"
)

// Check is LoadFS, and then tries the rules on made-up cases: all combinations
// of what the rules can tell apart, or a fixed sample of them where these are
// too many. It finds a case that no rule answers, two rules of one level that
// apply to one case, a rule that never decides, a window that never is open or
// never closes, an expression that fails, and money that grows with use. The
// error joins all faults.
func Check(s *shop.Shop, files fs.FS) error {
	set, faults, failing := loadFS(s, files)
	if len(faults) == 0 {
		failing = append(failing, set[Refund].prove()...)
	}
	return errors.Join(append(faults, failing...)...)
}

// How many cases are tried for each ground.
const (
	triesFirst = 1500
	triesMore  = 12000 // for what was not seen by then
)

// Prove tries the rules on made-up cases. The error joins all faults.
func (d *Document) Prove() error { return errors.Join(d.prove()...) }

func (d *Document) prove() []error {
	p := prover{doc: d, decided: map[*Rule]bool{}, open: map[*Rule]int{}, shut: map[*Rule]int{}, said: map[string]bool{}}
	for _, g := range fact.Grounds {
		p.ground(g, triesFirst)
	}
	for _, r := range d.Rules {
		for _, g := range r.Grounds {
			if p.satisfied(r) {
				break
			}
			p.ground(g, triesMore)
		}
		p.verdict(r)
	}
	return p.faults
}

type prover struct {
	doc        *Document
	decided    map[*Rule]bool
	open, shut map[*Rule]int // windows seen
	said       map[string]bool
	faults     []error
}

// fault is said once for each key.
func (p *prover) fault(key string, r *Rule, format string, args ...any) {
	if p.said[key] {
		return
	}
	p.said[key] = true
	line := 1
	if r != nil {
		line = r.Line
	}
	file := cmp.Or(p.doc.path, filepath.Join(p.doc.shop.Dir, "policy", p.doc.Name+".md"))
	p.faults = append(p.faults, &Fault{File: file, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (p *prover) satisfied(r *Rule) bool {
	return p.decided[r] && (len(r.Windows) == 0 || p.open[r] > 0 && p.shut[r] > 0)
}

func (p *prover) verdict(r *Rule) {
	switch {
	case !p.decided[r]:
		p.fault("idle "+r.ID, r, "rule %s never decides: others always do before it, or its conditions cannot be met", r.ID)
	case len(r.Windows) > 0 && p.open[r] == 0:
		p.fault("shut "+r.ID, r, "rule %s: its window is never open", r.ID)
	case len(r.Windows) > 0 && p.shut[r] == 0:
		p.fault("open "+r.ID, r, "rule %s: its window never closes", r.ID)
	}
}

func (p *prover) ground(g fact.Ground, limit int) {
	rules := p.doc.byGround[g]
	if len(rules) == 0 {
		p.fault("ground "+string(g), nil, "ground %s: no rule answers it", g)
		return
	}
	space := dimensions(p.doc, g)
	size := 1
	for _, dim := range space {
		size = min(size*len(dim), limit+1)
	}
	random := rand.New(rand.NewPCG(1, uint64(len(g))))
	pick := make([]int, len(space))
	for i := range min(size, limit) {
		if size <= limit {
			spread(pick, space, i)
		} else {
			for k := range pick {
				if pick[k] = 0; random.IntN(2) == 0 {
					pick[k] = random.IntN(len(space[k]))
				}
			}
		}
		p.try(g, arrange(g, space, pick))
	}
}

// Sample gives n made-up cases that the rules can tell apart, of all grounds in
// turn: the same ones for the same seed. Every second case is one that is not
// simply denied, where such a one is soon found.
func (d *Document) Sample(n int, seed uint64) iter.Seq[*fact.Case] {
	return func(yield func(*fact.Case) bool) {
		random := rand.New(rand.NewPCG(1, seed))
		spaces := make([][][]func(*fact.Case), len(fact.Grounds))
		for i, g := range fact.Grounds {
			spaces[i] = dimensions(d, g)
		}
		for i := range n {
			k := i % len(spaces)
			c := draw(random, fact.Grounds[k], spaces[k])
			for range 60 {
				if i/len(spaces)%2 == 0 || d.Decide(c).Outcome != Deny {
					break
				}
				c = draw(random, fact.Grounds[k], spaces[k])
			}
			if !yield(c) {
				return
			}
		}
	}
}

// draw arranges a case by chance, half of them near the usual.
func draw(random *rand.Rand, g fact.Ground, space [][]func(*fact.Case)) *fact.Case {
	pick := make([]int, len(space))
	for {
		far := random.IntN(2) == 0
		for j := range pick {
			if pick[j] = 0; far || random.IntN(4) == 0 {
				pick[j] = random.IntN(len(space[j]))
			}
		}
		if c := arrange(g, space, pick); c != nil {
			return c
		}
	}
}

// spread writes i as the digits of the mixed-radix number that picks.
func spread(pick []int, space [][]func(*fact.Case), i int) {
	for k := range space {
		pick[k] = i % len(space[k])
		i /= len(space[k])
	}
}

// arrange makes the case, or nil where it would contradict itself.
func arrange(g fact.Ground, space [][]func(*fact.Case), pick []int) *fact.Case {
	at, ground, currency := made, string(g), "USD"
	c := &fact.Case{At: &at, Ground: &ground}
	c.Order.Currency = &currency
	for k, dim := range space {
		dim[pick[k]](c)
	}
	if c.Validate() != nil {
		return nil
	}
	return c
}

func (p *prover) try(g fact.Ground, c *fact.Case) {
	if c == nil {
		return
	}
	t := trial{scene: scene{c: c, doc: p.doc}, doc: p.doc}
	var failing *Rule
	t.problem = func(e *Expr, err error) {
		p.fault("fails "+e.Source, failing, "rule %s: %q fails: %v, where %s", failing.ID, e.Source, err, told(c))
	}
	var decider *Rule
	for _, r := range p.doc.byGround[g] {
		failing = r
		if t.try(r) {
			decider = r
			break
		}
	}
	if decider == nil {
		p.fault("ground "+string(g), nil, "ground %s: no rule answers %s", g, told(c))
		return
	}
	p.decided[decider] = true
	p.counted(&t, decider)
	p.rivals(g, c, decider)
	p.money(c, &t)
}

func (p *prover) counted(t *trial, r *Rule) {
	if len(r.Windows) == 0 || len(t.windows) < len(r.Windows) {
		return
	}
	if t.decision.Reason == TooLate {
		p.shut[r]++
	} else if t.decision.Outcome != Deny {
		p.open[r]++
	}
}

// rivals finds another rule of the same level that applies as well.
func (p *prover) rivals(g fact.Ground, c *fact.Case, decider *Rule) {
	s := scene{c: c, doc: p.doc}
	for _, r := range p.doc.byGround[g] {
		if r != decider && r.Level == decider.Level && r.Applies.truth(&s) == yes {
			a, b := decider, r
			if a.Line > b.Line {
				a, b = b, a
			}
			p.fault("rivals "+a.ID+" "+b.ID, b, "rules %s (line %d) and %s both apply to %s: give one of them another level of precedence, or narrow it",
				a.ID, a.Line, b.ID, told(c))
		}
	}
}

// money sees that no more comes back than was paid, and that using more, or
// working longer, does not refund more.
func (p *prover) money(c *fact.Case, t *trial) {
	d := t.decision
	if d.Amount == nil {
		return
	}
	if d.Amount.Minor < 0 || d.Amount.Minor > t.refundable() {
		p.fault("bound "+d.rule.ID, d.rule, "rule %s refunds %s of %d in the smallest unit, where %s", d.rule.ID, d.Amount, t.refundable(), told(c))
	}
	for _, more := range used {
		other := *c
		if !more.of(&other) || other.Validate() != nil {
			continue
		}
		after := p.doc.Decide(&other)
		if after.Amount != nil && after.Amount.Minor > d.Amount.Minor {
			p.fault("more "+d.rule.ID, d.rule, "rule %s: with %s the refund grows from %s to %s, where %s", d.rule.ID, more.what, d.Amount, after.Amount, told(c))
		}
	}
}

// used are ways to have had more of what was paid for.
var used = []struct {
	what string
	of   func(*fact.Case) bool
}{
	{"one token more used", func(c *fact.Case) bool { return raise(&c.Pack.Used) }},
	{"one token more expired", func(c *fact.Case) bool { return raise(&c.Pack.Expired) }},
	{"one generation more", func(c *fact.Case) bool { return raise(&c.Pass.Generations) }},
	{"work a stage further", func(c *fact.Case) bool {
		f, _ := fact.Lookup("commission.stage")
		if c.Commission.Stage == nil {
			return false
		}
		i := slices.Index(f.Choices, *c.Commission.Stage)
		if i < 0 || i+1 == len(f.Choices) {
			return false
		}
		next := f.Choices[i+1]
		c.Commission.Stage = &next
		return true
	}},
}

func raise(n **int64) bool {
	if *n == nil {
		return false
	}
	more := **n + 1
	*n = &more
	return true
}

// told is a made-up case in one line.
func told(c *fact.Case) string {
	data, err := c.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(data)
}
