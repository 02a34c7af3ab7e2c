package explain

import (
	"cmp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/policy"
)

// A Part is a part of a letter: its heading, which may be empty, and its
// blocks.
type Part struct {
	Heading string
	Blocks  []Block
}

// A Block is one of these.
type Block struct {
	Text  string // a paragraph
	Items []string
	Rows  []Step
	Quote *Quote
}

// A Quote is a clause, word for word, in the language in which it is published.
type Quote struct {
	Clause   string // its id
	Title    string // "Clause 3.1 “Duplicate charge”"
	Lang     i18n.Lang
	Passages []policy.Passage
	marks    voice // of quotation
}

// Letter is the written justification in plain text: what was decided, the
// clauses, the facts, the arithmetic, and what can be done next.
func Letter(d *policy.Decision, l i18n.Lang) string {
	var b strings.Builder
	for i, part := range Paragraphs(d, l) {
		if i > 0 {
			b.WriteByte('\n')
		}
		if part.Heading != "" {
			b.WriteString(part.Heading + "\n\n")
		}
		for i, block := range part.Blocks {
			if i > 0 {
				b.WriteByte('\n')
			}
			block.write(&b)
		}
	}
	return b.String()
}

func (k Block) write(b *strings.Builder) {
	if k.Text != "" {
		b.WriteString(k.Text + "\n")
	}
	for _, s := range k.Items {
		b.WriteString("- " + s + "\n")
	}
	for _, s := range k.Rows {
		b.WriteString("- " + s.Text + ": " + s.Value + "\n")
	}
	if k.Quote != nil {
		k.Quote.write(b)
	}
}

func (q *Quote) write(b *strings.Builder) {
	b.WriteString(q.Title + ":\n")
	for _, p := range q.Passages {
		b.WriteString("    ")
		if p.Kind == policy.Item {
			b.WriteString(p.Mark + " ")
		}
		if p.Kind == policy.Statement {
			b.WriteString(q.marks.T("policy.quote", "value", p.Text) + "\n")
			continue
		}
		b.WriteString(p.Text + "\n")
	}
}

// Paragraphs are the letter in its parts, for pages, mail and PDF alike. The first
// has the title as its heading.
func Paragraphs(d *policy.Decision, l i18n.Lang) []Part {
	w := writer{newTeller(d, l)}
	title := w.T("policy.letter_title", "at", w.moment(*d.Facts().At))
	all := []Part{
		{title, w.decided()},
		{w.T("policy.head_clauses"), w.clauses()},
		{w.T("policy.head_facts"), []Block{{Rows: w.facts()}}},
		{w.T("policy.head_steps"), []Block{{Rows: w.tell()}}},
		{w.T("policy.head_next"), w.next()},
		{w.T("policy.head_policy"), w.source()},
	}
	return slices.DeleteFunc(all, func(p Part) bool {
		return !slices.ContainsFunc(p.Blocks, func(b Block) bool { return b.Text != "" || len(b.Items)+len(b.Rows) > 0 || b.Quote != nil })
	})
}

// writer writes the letter.
type writer struct{ *teller }

func paragraph(sentences ...string) Block {
	return Block{Text: strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")}
}

// decided is the decision with its reason, and what it gives.
func (w writer) decided() (all []Block) {
	d := w.d
	if n := d.Facts().Order.Number; n != nil {
		all = append(all, paragraph(w.T("policy.letter_order", "number", w.choice("order.number", *n))))
	}
	verdict := w.fill("decided", string(d.Outcome), "about", w.named("about", *d.Facts().Ground), "clause", w.under())
	all = append(all, paragraph(verdict, w.why()))
	if b := w.given(); b.Text != "" {
		all = append(all, b)
	}
	return all
}

// under names the decisive clause: " (clause 3.1)".
func (w writer) under() string {
	text := w.doc.In(w.Lang)
	if c, ok := text.Clause(w.d.Clauses[0]); ok && c.ID != "0" {
		return " " + w.T("policy.under", "number", c.Number())
	}
	return ""
}

func (w writer) why() string {
	switch d := w.d; {
	case d.Reason == policy.NotFounded:
		required, shown := w.failed()
		return w.T("policy.why_unfounded", "what", required, "value", shown)
	case d.Reason == policy.TooLate:
		for _, m := range d.Windows() {
			if d.Facts().At.After(m.Closes) {
				return w.T("policy.why_late", "to", w.moment(m.Closes), "at", w.moment(*d.Facts().At))
			}
		}
	case d.Reason == policy.NothingLeft:
		return w.T("policy.why_nothing")
	case d.Reason == policy.PapersWanted:
		return w.T("policy.why_incomplete")
	case d.Reason == policy.NotKnown:
		if unknowns := w.unknowns(); len(unknowns) > 0 {
			return w.T("policy.why_unknown", "what", strings.Join(unknowns, "; "))
		}
		return w.T("policy.why_doubt")
	case d.Outcome == policy.Deny || d.Outcome == policy.Review:
		return w.ruled()
	}
	return ""
}

// ruled is why the rule's own outcome is what it is.
func (w writer) ruled() string {
	var shown []string
	for _, e := range w.exprs {
		if e == w.rule.Applies || w.d.Branch() != nil && e == w.d.Branch().When {
			shown = append(shown, w.of(e).shown(e.Tree().Expr(), true)...)
		}
	}
	shown = unique(shown)
	kind := string(w.d.Outcome)
	switch {
	case len(shown) > 0:
		return w.T("policy.why_"+kind+"_if", "what", w.list(shown, "policy.and"))
	case w.d.Outcome == policy.Deny && len(w.rule.Grounds) == len(fact.Grounds):
		return w.T("policy.why_general")
	}
	if w.d.Outcome == policy.Review { // said already
		return ""
	}
	return w.T("policy.why_deny")
}

// failed are the requirements that were not met, and what is the case instead.
func (w writer) failed() (required, shown string) {
	e := w.rule.Founded
	f := w.of(e)
	all := f.parts(e.Tree().Expr(), operators.LogicalAnd, nil)
	var want, have []string
	for _, one := range all {
		if f.eval(one) != types.False {
			continue
		}
		have = append(have, f.shown(one, false)...)
		general := f
		general.scene = nil
		want = append(want, general.condition(one))
	}
	return w.list(want, "policy.and"), w.list(have, "policy.and")
}

// unknowns are the facts that the rule asked for in vain.
func (w writer) unknowns() (all []string) {
	names := slices.Clone(w.used)
	if b := w.d.Branch(); b != nil {
		for _, e := range []*policy.Expr{b.Amount, b.Fee} {
			if e != nil {
				names = w.of(e).names(e.Tree().Expr(), names)
			}
		}
	}
	for i := 0; i < len(names); i++ { // a figure is unknown by what is behind it
		if e := w.let(names[i]); e != nil {
			names = w.of(e).names(e.Tree().Expr(), names)
		} else if v, ok := w.scene.Value(names[i]); !ok || types.IsUnknown(v) {
			all = append(all, w.lacking(names[i])...)
		}
	}
	return unique(all)
}

// lacking are the questions behind an unknown name.
func (w writer) lacking(name string) (all []string) {
	for _, from := range behind[name] {
		if f, ok := fact.Lookup(from); ok && f.Name != "order.refunded" && f.Name != "order.refunded_excess" && f.Name != "outage.to" {
			if _, given := w.fact(w.d.Facts(), from); !given {
				all = append(all, w.open(from))
			}
		}
	}
	if name == "latest_extra_capture" { // unknown where there is none, nor a payment
		name = "order.paid_at"
	}
	if len(all) == 0 {
		all = append(all, w.open(name))
	}
	return all
}

// open is the question that a fact would answer.
func (w writer) open(name string) string {
	if w.has("is", name) {
		return w.T("policy.whether", "what", w.named("is", name))
	}
	return w.label(name)
}

// given is what a customer gets, or may get.
func (w writer) given() Block {
	d := w.d
	if len(d.Remedies) == 0 {
		return Block{}
	}
	names := make([]string, len(d.Remedies))
	for i, r := range d.Remedies {
		names[i] = w.named("remedy", string(r))
	}
	most := ""
	if d.Amount != nil && (d.Outcome != policy.Grant || d.Remedies[0] != policy.Money) {
		most = w.T("policy.may_most", "amount", w.Money(*d.Amount))
	}
	switch {
	case d.Outcome != policy.Grant:
		return paragraph(w.T("policy.may", "what", w.list(names, "policy.or")), most, w.T("policy.may_yet"))
	case len(names) == 1:
		return paragraph(w.granted(d.Remedies[0]))
	}
	return paragraph(w.granted(d.Remedies[0]), w.T("policy.give_else", "what", w.list(names[1:], "policy.or")), most)
}

func (w writer) granted(r policy.Remedy) string {
	d := w.d
	switch {
	case r == policy.Money && d.Fee != nil:
		return w.T("policy.give_refund_fee", "amount", w.Money(*d.Amount), "fee", w.Money(*d.Fee))
	case r == policy.Money:
		return w.T("policy.give_refund", "amount", w.Money(*d.Amount))
	case r == policy.Credit && d.Credits != nil:
		return w.N("policy.give_credits", int(*d.Credits))
	case r == policy.CancelEnd && d.Facts().Subscription.PeriodEnd != nil:
		return w.T("policy.give_cancel_on", "at", w.moment(*d.Facts().Subscription.PeriodEnd))
	}
	return w.raw("policy.give_" + string(r))
}

// clauses are those that decided, word for word.
func (w writer) clauses() (all []Block) {
	text := w.doc.In(w.Lang)
	for _, id := range w.d.Clauses {
		c, ok := text.Clause(id)
		if !ok {
			continue
		}
		title := w.T("policy.clause_title", "number", c.Number(), "title", c.Title)
		if id == "0" {
			title = w.T("policy.clause_intro", "title", text.Title)
		}
		all = append(all, Block{Quote: &Quote{Clause: id, Title: title, Lang: text.Lang, Passages: policy.Passages(c.Body), marks: voice{i18n.For(text.Lang)}}})
	}
	return all
}

// behind are the facts from which names are worked out.
var behind = map[string][]string{
	"captured": {"order.captured"}, "refunded": {"order.refunded"}, "refundable": {"order.captured", "order.refunded"},
	"excess":               {"order.amount", "order.captured", "order.refunded", "order.refunded_excess"},
	"latest_extra_capture": {"order.captured"}, "dispute.open": {"dispute.opened_at"}, "task.exists": {"task.status"},
	"outage.exists": {"outage.from", "outage.to"}, "outage.uncut": {"outage.from", "outage.to", "order.paid_at"},
	"outage.length": {"outage.from", "outage.to", "outage.maintenance", "order.paid_at"},
}

// facts are the request's ground and what the decision looked at.
func (w writer) facts() []Step {
	names := []string{"ground"}
	add := func(more ...string) {
		for _, n := range more {
			if n != "at" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	for _, name := range w.used {
		if from, ok := behind[name]; ok {
			add(from...)
		} else {
			add(name)
		}
		if name == "latest_extra_capture" && len(w.d.Facts().Order.Captured) < 2 {
			add("order.paid_at")
		}
	}
	if r := w.rule; r != nil && w.d.Outcome != policy.Deny {
		for _, alternatives := range r.Evidence.Need {
			add(alternatives...)
		}
	}
	return w.rows(w.d.Facts(), inOrder(names))
}

// places are where facts stand in their table; lists stand at the end of what
// they belong to.
var places = func() map[string]int {
	all := map[string]int{}
	for i, f := range fact.Fields {
		all[f.Name] = 2 * i
	}
	all["order.captured"] = all["order.paid_at"] + 1
	all["outage.maintenance"] = all["outage.complete"] + 1
	return all
}()

func inOrder(names []string) []string {
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(places[a], places[b]) })
	return names
}

// next is what happens now and what the customer can do.
func (w writer) next() []Block {
	contact := w.doc.Shop().Contact.Billing
	switch d := w.d; d.Outcome {
	case policy.Grant:
		return []Block{w.onGrant(), paragraph(w.T("policy.next_wrong", "contact", contact))}
	case policy.Review:
		text := w.T("policy.next_review")
		if d.ReviewBy != nil {
			text = w.T("policy.next_review_by", "by", w.moment(*d.ReviewBy))
		}
		return []Block{paragraph(text, w.T("policy.next_nothing"), w.T("policy.next_add", "contact", contact))}
	case policy.Incomplete:
		all := []Block{paragraph(w.T("policy.next_send", "contact", contact)), {Items: w.missing()}}
		if by := w.closes(); by != nil {
			all = append(all, paragraph(w.T("policy.next_until", "by", w.moment(*by))))
		}
		return all
	}
	all := []Block{paragraph(w.T("policy.next_deny", "contact", contact))}
	if s, ok := w.doc.Setting(policy.ClaimAnswer); ok && s.Span != nil {
		all = append(all, paragraph(w.T("policy.next_claim", "contact", contact, "span", s.In(w.Printer))))
	}
	return append(all, paragraph(w.T("policy.next_rights")))
}

func (w writer) onGrant() Block {
	d := w.d
	if d.Remedies[0] != policy.Money {
		return paragraph(w.T("policy.next_nothing"))
	}
	text := w.T("policy.next_refund")
	if d.SettleBy != nil {
		text = w.T("policy.next_refund_by", "by", w.moment(*d.SettleBy))
	}
	return paragraph(text, w.T("policy.next_bank"), w.T("policy.next_nothing"))
}

// missing is what must be sent: of alternatives, one.
func (w writer) missing() (all []string) {
	for _, names := range w.rule.Evidence.Need {
		if slices.Contains(w.d.Missing, names[0]) {
			all = append(all, w.need(names))
		}
	}
	return all
}

// source is the policy with its version and the language that counts, and who
// sells.
func (w writer) source() []Block {
	doc, text := w.doc, w.doc.In(w.Lang)
	language := ""
	switch {
	case text.Lang != w.Lang:
		language = w.T("policy.untranslated")
	case text.Lang != doc.Prevailing:
		language = w.T("policy.translation")
	}
	all := []Block{paragraph(
		w.T("policy.source", "title", text.Title, "shop", doc.Shop().Title, "version", doc.Version, "date", w.date(doc.Effective)),
		w.named("prevails", string(doc.Prevailing)), language, w.T("policy.whole", "text", "/"+doc.Name+"/"+doc.Version))}
	if law, _ := doc.Law(w.Lang); law != "" {
		all = append(all, paragraph(w.T("policy.law", "law", law)))
	}
	legal := doc.Shop().Legal
	seller := slices.DeleteFunc([]string{legal.Operator, legal.Registration, legal.TaxID, cmp.Or(legal.LegalAddress, legal.Address)},
		func(s string) bool { return s == "" })
	return append(all, Block{Items: []string{
		w.T("policy.seller", "seller", strings.Join(seller, ", ")), w.T("policy.write_to", "contact", doc.Shop().Contact.Billing)}})
}

// unique leaves out what was said before.
func unique(all []string) (said []string) {
	for _, s := range all {
		if !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	return said
}
