package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"safelight/internal/account"
	"safelight/internal/i18n"
	"safelight/internal/money"
)

// A sample is one page with everything on it that the page can show.
type sample struct {
	name string
	page templ.Component
}

var (
	noon = time.Date(2026, 11, 22, 12, 3, 0, 0, time.UTC)
	ana  = func(p *i18n.Printer) *Viewer {
		return &Viewer{Email: "ana@example.com", Balance: p.N("web.credits_n", 96), Working: true}
	}
)

// samples are all pages in one language and theme, in their various states.
func samples(lang i18n.Lang, theme string) []sample {
	return sampler{i18n.For(lang), theme, Shop{Name: "OpenDream"}}.all()
}

func (s sampler) all() []sample {
	p := s.p
	return []sample{
		{"landing", Landing(s.landing())},
		{"pricing", Pricing(s.pricing())},
		{"pricing-studio", Pricing(s.studio())},
		{"sign-up", SignUp(s.signUp(false))},
		{"sign-up-wrong", SignUp(s.signUp(true))},
		{"sign-in", SignIn(s.signIn())},
		{"verify-sent", Verify(VerifyView{Page: s.page("web.verify", ""), Outcome: VerifySent, Email: "ana@example.com", Mailbox: "/sandbox/mail"})},
		{"verify-done", Verify(VerifyView{Page: s.page("web.verify", ""), Outcome: VerifyDone})},
		{"verify-stale", Verify(VerifyView{Page: s.page("web.verify", ""), Outcome: VerifyStale, Email: "ana@example.com"})},
		{"verify-ask", Verify(VerifyView{Page: s.page("web.verify", ""), Outcome: VerifyAsk, Email: "ana@example.com", Token: "t"})},
		{"verify-which", Verify(VerifyView{Page: s.page("web.verify", ""), Outcome: VerifySent, Ask: emailField(p, "ana@", p.T("account.email")), Mailbox: "/sandbox/mail"})},
		{"forgot", Forgot(ForgotView{Page: s.page("web.forgot", ""), Email: emailField(p, "", "")})},
		{"forgot-sent", Forgot(ForgotView{Page: s.page("web.forgot", ""), Sent: true, Mailbox: "/sandbox/mail"})},
		{"reset", Reset(ResetView{Page: s.page("web.reset", ""), Email: "ana@example.com", Token: "t", Password: newPasswordField(p, "password", p.T("web.password_new"), p.T("account.password_short"))})},
		{"reset-stale", Reset(ResetView{Page: s.page("web.reset", ""), Stale: true})},
		{"reference", Reference(s.reference())},
		{"mailbox", Mailbox(s.mailbox())},
		{"mailbox-empty", Mailbox(MailboxView{Page: s.page("web.mailbox", "")})},
		{"lab-empty", Lab(LabView{Page: s.own("web.lab", SectionLab), Drop: s.drop(), KeptFor: p.N("web.kept_for", 72)})},
		{"lab", Lab(s.lab())},
		{"image", Image(s.image(false))},
		{"image-short", Image(s.image(true))},
		{"job-queued", Job(s.job("queued"))},
		{"job-running", Job(s.job("running"))},
		{"job-done", Job(s.job("success"))},
		{"job-failed", Job(s.job("failed"))},
		{"delete-all", Confirm(ConfirmView{Page: s.own("web.delete_all", SectionLab), Heading: p.T("web.delete_all_ask"), Text: p.T("web.delete_all_text"),
			Points: []string{p.T("web.delete_all_jobs"), p.T("web.delete_all_orders")}, Action: "/lab/delete", Button: p.T("web.delete_all_do"), Back: "/lab"})},
		{"credits", Credits(s.credits())},
		{"credits-empty", Credits(CreditsView{Page: s.own("web.credits", SectionCredits), Balance: "0", Unit: p.N("web.credits_unit", 0)})},
		{"checkout", Checkout(s.checkout())},
		{"orders", Orders(s.orders())},
		{"orders-empty", Orders(OrdersView{Page: s.own("web.orders", SectionOrders)})},
		{"order", Order(s.order())},
		{"text-changed", Orders(s.changed())},
		{"account", Account(s.account())},
		{"policy", Policy(s.policy())},
		{"policy-changes", Difference(s.difference())},
		{"decide", Decide(s.decide(false))},
		{"decide-answered", Decide(s.decide(true))},
		{"contact", Contact(s.contact())},
		{"colophon", Colophon(s.colophon())},
		{"not-found", Trouble(s.trouble("404", "fault.not_found"))},
		{"forbidden", Trouble(s.trouble("403", "fault.forbidden"))},
		{"too-often", Trouble(s.trouble("429", "fault.rate_limited"))},
		{"internal", Trouble(s.trouble("500", "fault.internal"))},
		{"maintenance", Trouble(s.trouble("503", "web.trouble_503_text"))},
	}
}

type sampler struct {
	p     *i18n.Printer
	theme string
	shop  Shop
}

// studio is a price list of everything, most of which cannot be ordered.
func (s sampler) studio() PricingView {
	p := s.p
	v := s.pricing()
	v.Page, v.Heading, v.Lede, v.Studio, v.Currencies = s.page("shop.pricing", SectionPricing), p.T("shop.pricing"), p.T("shop.pricing_lede"), true, nil
	terms := []string{p.N("shop.working_days", 5), p.N("shop.rounds", 3, args("within", p.N("shop.days", 14)))}
	v.Offers = []OfferGroup{
		{ID: "commissions", Heading: p.T("shop.commissions"), Lede: p.T("shop.commissions_lede"), Closed: p.T("shop.closed"), Offers: []Offer{
			{"Portrait", "One finished portrait from up to ten photographs.", terms, p.Money(money.Of(8900, "USD"))},
			{"Enhancement", "", []string{p.N("shop.working_days", 1), p.T("shop.no_rounds")}, p.Money(money.Of(2900, "USD"))}}},
		{ID: "plans", Heading: p.T("shop.plans"), Lede: p.T("shop.plans_lede"), Closed: p.T("shop.closed"), Offers: []Offer{
			{"Creator", "", []string{p.T("shop.each_month", args("credits", s.cr(300)))}, p.T("shop.per_month", args("amount", p.Money(money.Of(1900, "USD"))))}}}}
	return v
}

func (s sampler) page(title, section string) Page {
	return Page{P: s.p, Title: s.p.T(title), Shop: s.shop, Path: "/", Section: section, Theme: s.theme, Sandbox: true}
}

func (s sampler) own(title, section string) Page {
	g := s.page(title, section)
	g.Viewer = ana(s.p)
	return g
}

func (s sampler) px(w, h int64) string {
	return s.p.T("web.size_px", i18n.Args{"width": s.p.Number(w), "height": s.p.Number(h)})
}

func (s sampler) cr(n int) string { return s.p.N("web.credits_n", n) }

func (s sampler) landing() LandingView {
	p := s.p
	return LandingView{Page: s.page("web.hero", ""), Heading: p.T("web.hero"), Lede: p.T("web.hero_lede"), Start: "/sign-up", How: p.T("web.how"), HowLede: p.T("web.how_lede"),
		Hero:        Compare{ID: "hero", Before: asset("hero-before.jpg"), After: asset("hero-after.jpg"), BeforeLabel: p.T("web.before"), AfterLabel: p.T("web.after"), Alt: p.T("web.hero_alt"), Width: 1280, Height: 720, Zooms: true},
		HeroCaption: p.T("web.hero_caption", i18n.Args{"before": "640 × 360", "after": "1280 × 720"}),
		PhotoCredit: Link{p.T("web.photo_by", i18n.Args{"author": "Trevor “Freespace”", "license": "CC BY 4.0"}), "/colophon"},
		Costs:       s.costs(),
		Returned:    []Link{{"Money charged twice for one order.", "/refund#c-3.1"}, {"A payment whose credits never arrived, when we cannot add them.", "/refund#c-3.2"}},
		Kept:        []Link{{"A finished result that you like less than you hoped.", "/refund#c-2.1"}, {"Credits that you did not use.", "/refund#c-2.2"}},
	}
}

func (s sampler) costs() []CostLine {
	usd := func(n int64) string { return s.p.Money(money.Of(n, "USD")) }
	up := func(n string) string { return s.p.T("web.op_upscaled", i18n.Args{"scale": n}) }
	return []CostLine{
		{up("2"), s.px(1600, 1200) + " → " + s.px(3200, 2400), s.cr(2), usd(16)},
		{up("2"), s.px(4000, 3000) + " → " + s.px(8000, 6000), s.cr(12), usd(96)},
		{up("4"), s.px(1600, 1200) + " → " + s.px(6400, 4800), s.cr(6), usd(48)},
		{s.p.T("web.op_denoise"), s.px(4000, 3000), s.cr(3), usd(24)},
		{s.p.T("web.op_restore"), s.px(1600, 1200), s.cr(1), usd(8)},
	}
}

func (s sampler) pricing() PricingView {
	p := s.p
	pack := func(id string, n int, cents, each int64, main bool) Pack {
		return Pack{ID: id, Many: p.Number(int64(n)), Unit: p.N("web.credits_unit", n), Price: p.Money(money.Of(cents, "USD")),
			Each: p.T("web.price_each", args("amount", p.Money(money.Of(each, "USD")))), Lines: []string{p.T("web.pack_bonus", args("credits", s.cr(n/20))), p.T("web.lot_never")},
			Buy: "/checkout/" + id, BuyText: p.N("web.buy_pack", n), Main: main}
	}
	return PricingView{Page: s.page("web.pricing", SectionPricing), Heading: p.T("web.pricing"), Lede: p.T("web.pricing_lede"),
		Currencies: []Option{{Value: "USD", Label: "USD", Checked: true}, {Value: "MXN", Label: "MXN"}},
		Packs:      []Pack{pack("pack-50", 50, 500, 10, false), pack("pack-200", 200, 1800, 9, true), pack("pack-1000", 1000, 8000, 8, false)},
		Costs:      s.costs(), Notes: []string{p.T("web.free_credits", args("credits", s.cr(3)))}}
}

func (s sampler) signUp(wrong bool) SignUpView {
	v := SignUpView{Page: s.page("web.sign_up", ""), Next: "/checkout/pack-50",
		Email: emailField(s.p, "", ""), Password: newPasswordField(s.p, "password", s.p.T("web.password"), "")}
	all := account.Statements(s.p, []account.Document{{Name: "terms"}, {Name: "privacy"}}, "")
	missing := map[string]string{}
	if wrong {
		missing = map[string]string{account.ControlAdult: s.p.T("account.statement"), account.ControlTransfer: s.p.T("account.statement")}
	}
	agreements(&v, all, map[string]bool{}, missing)
	if wrong {
		v.Problem = s.p.T("fault.invalid")
		v.Email = emailField(s.p, "ana@", s.p.T("fault.malformed"))
	}
	return v
}

func (s sampler) signIn() SignInView {
	return SignInView{Page: s.page("web.sign_in", ""), Email: emailField(s.p, "ana@example.com", ""), Password: passwordField(s.p, ""), Problem: s.p.T("fault.unauthenticated")}
}

func (s sampler) drop() Drop {
	return Drop{Accept: "image/jpeg,image/png,image/webp,image/avif,image/heic,.heic", Bytes: 50_000_000, Tus: "/uploads",
		Limits: s.p.T("web.drop_limits", i18n.Args{"formats": "JPEG, PNG, WebP, AVIF, HEIC", "bytes": s.p.Bytes(50_000_000), "megapixels": "50"})}
}

func (s sampler) facts(w, h, bytes int64) string {
	return s.p.T("web.size_both", i18n.Args{"size": s.px(w, h), "bytes": s.p.Bytes(bytes)})
}

func (s sampler) lab() LabView {
	p := s.p
	item := func(id, name string, st State, percent int, note string) BenchItem {
		thumb := asset("hero-before.jpg")
		if strings.HasPrefix(name, "IMG") {
			thumb = asset("entry.jpg")
		}
		return BenchItem{ID: id, URL: "/jobs/" + id, Name: name, Thumb: thumb, Facts: s.facts(1600, 1200, 1_240_000), State: st, Percent: percent, Note: note}
	}
	v := LabView{Page: s.own("web.lab", SectionLab), Drop: s.drop(), KeptFor: p.N("web.kept_for", 72), Items: []BenchItem{
		item("j1", "fig.jpg", State{Lit, p.T("web.state_running")}, 62, s.cr(2)),
		item("j2", "IMG_20261118_174501_portrait_original.heic", State{Plain, p.T("web.state_queued")}, 0, p.N("web.job_ahead", 2)),
		item("j3", "IMG_2041.jpg", State{Good, p.T("web.state_success")}, -1, s.cr(12)),
		item("j4", "scan-1974.png", State{Bad, p.T("web.state_failed")}, -1, p.N("web.job_returned", 3)),
		item("i5", "beach.webp", State{Plain, p.T("web.state_ready")}, -1, ""),
	}}
	v.Notices = []Notice{{Good, p.T("web.deleted_one")}}
	return v
}

func (s sampler) image(short bool) ImageView {
	p := s.p
	v := ImageView{Page: s.own("web.image_do", SectionLab), ID: "i5", Name: "fig.jpg", Preview: asset("hero-before.jpg"), Width: 640, Height: 360,
		Facts: s.facts(640, 360, 71_000), Expiry: p.T("web.expires", args("when", p.DateTime(noon.Add(72*time.Hour))))}
	v.Title = v.Name
	choose(&v, Choice{Operation: "upscale", Scale: "2", Strength: "auto", Model: "quality", Format: "jpeg"}, []string{"quality", "fast"})
	v.Quote = Quote{Cost: s.cr(2), Credits: 2, Where: p.T("web.quote_local"), Confirm: p.N("web.quote_confirm", 2), Facts: []Fact{
		{Term: p.T("web.quote_output"), Value: s.px(1280, 720)}, {Term: p.T("web.quote_after"), Value: s.cr(94)}}}
	if short {
		v.Quote.Problem, v.Quote.Buy = p.N("web.quote_short", 21), "/pricing"
	} else {
		v.Done = s.lab().Items[2:3]
	}
	return v
}

func (s sampler) job(state string) JobView {
	p := s.p
	v := JobView{Page: s.own("web.lab", SectionLab), ID: "j1", Name: "fig.jpg", Percent: -1, Image: asset("hero-before.jpg"), Alt: "fig.jpg",
		Facts: []Fact{{Term: p.T("web.job_work"), Value: p.T("web.op_upscaled", i18n.Args{"scale": 2})},
			{Term: p.T("web.model"), Value: p.T("web.model_quality")}, {Term: p.T("web.quote_output"), Value: s.px(1280, 720)},
			{Term: p.T("web.job_cost_held"), Value: s.cr(2), Sum: true}}}
	v.Title = v.Name
	switch state {
	case "queued":
		v.State, v.Percent, v.Line, v.Cancel, v.Refresh = State{Plain, p.T("web.state_queued")}, 0, p.N("web.job_ahead", 2), true, 5
	case "running":
		v.State, v.Percent, v.Line, v.Refresh = State{Lit, p.T("web.state_running")}, 62, p.T("web.job_percent", i18n.Args{"percent": 62}), 5
	case "failed":
		v.State, v.Line, v.Again = State{Bad, p.T("web.state_failed")}, p.T("fault.unavailable")+" "+p.N("web.job_returned", 2), "/images/i5"
	case "success":
		v.State, v.Again, v.Delete = State{Good, p.T("web.state_success")}, "/images/i5", "/images/i5/delete"
		v.Compare = &Compare{ID: "compare-j1", Before: asset("hero-before.jpg"), After: asset("hero-after.jpg"), BeforeLabel: p.T("web.before") + ", " + s.px(640, 360),
			AfterLabel: p.T("web.after") + ", " + s.px(1280, 720), Alt: "fig.jpg", Width: 1280, Height: 720, Zooms: true}
		v.Download, v.Format = "/jobs/j1/download", p.T("web.job_download", i18n.Args{"format": "JPEG", "bytes": p.Bytes(168_000)})
		v.Facts = append(v.Facts, Fact{Term: p.T("web.job_time"), Value: p.N("web.seconds", 21)})
		v.Expiry = p.T("web.expires", args("when", p.DateTime(noon.Add(72*time.Hour))))
	}
	return v
}

func (s sampler) credits() CreditsView {
	p := s.p
	return CreditsView{Page: s.own("web.credits", SectionCredits), Balance: "96", Unit: p.N("web.credits_unit", 96), Held: p.N("web.credits_held", 4),
		Lots: []LotLine{
			{p.T("web.lot_goodwill"), Link{}, p.T("web.lot_of", i18n.Args{"left": 6, "all": 10}), p.T("web.lot_until", args("date", p.Date(noon.AddDate(0, 1, 0))))},
			{p.T("web.lot_paid"), Link{p.T("web.order", args("number", "OD-2026-000041")), "/orders/o1"}, p.T("web.lot_of", i18n.Args{"left": 90, "all": 100}), p.T("web.lot_never")},
		},
		Lines: []StatementLine{
			{p.DateTime(noon), Link{p.T("web.line_spent", i18n.Args{"work": p.T("web.op_upscale"), "name": "fig.jpg"}), "/jobs/j1"}, "−2", "96"},
			{p.DateTime(noon.Add(-time.Hour)), Link{p.T("web.line_returned", args("name", "scan-1974.png")), "/jobs/j4"}, "+3", "98"},
			{p.DateTime(noon.Add(-2 * time.Hour)), Link{p.T("web.line_bought", args("number", "OD-2026-000041")), "/orders/o1"}, "+100", "95"},
		}, Older: "/credits?before=x"}
}

func (s sampler) checkout() CheckoutView {
	p := s.p
	price := p.Money(money.Of(1800, "USD"))
	return CheckoutView{Page: s.own("web.nav_buy", SectionPricing), Heading: p.N("web.buy_pack", 200), Action: "/checkout/pack-200",
		Hidden:    []Option{{Label: "currency", Value: "USD"}, {Label: "statement_hash", Value: "9f2c"}},
		Statement: "I understand that artificial intelligence is imperfect, and I will not ask for my money back because a result falls short of what I hoped for.",
		Policy:    Link{p.T("web.foot_refund"), "/refund"}, Wrong: p.T("order.statement_required"), Lang: "en", Note: p.T("web.prevails_en"), Pay: p.T("web.checkout_pay", args("amount", price)),
		Facts: []Fact{{Term: s.cr(200), Value: price}, {Term: p.T("web.lot_expiry"), Value: p.T("web.lot_never")}, {Term: p.T("web.order_total"), Value: price, Sum: true}}}
}

func (s sampler) orders() OrdersView {
	p := s.p
	line := func(id, number string, n int, amount money.Amount, st State) OrderLine {
		return OrderLine{"/orders/" + id, number, s.cr(n), p.Date(noon), p.Money(amount), st}
	}
	return OrdersView{Page: s.own("web.orders", SectionOrders), Orders: []OrderLine{
		line("o3", "OD-2026-000043", 50, money.Of(500, "USD"), State{Warn, p.T("web.order_waiting")}),
		line("o2", "OD-2026-000042", 200, money.Of(33000, "MXN"), State{Bad, p.T("web.order_failed")}),
		line("o1", "OD-2026-000041", 200, money.Of(1800, "USD"), State{Good, p.T("web.order_paid")}),
	}}
}

func (s sampler) order() OrderView {
	p := s.p
	price := p.Money(money.Of(1800, "USD"))
	v := OrderView{Page: s.own("web.orders", SectionOrders), ID: "o1", Number: "OD-2026-000041", State: State{Good, p.T("web.order_paid")},
		Facts:     []Fact{{Term: s.cr(200), Value: price}, {Term: p.T("web.order_total"), Value: price, Sum: true}, {Term: p.T("web.order_payment"), Value: "pi_3Q8xYt2eZvKYlo2C"}},
		Statement: s.checkout().Statement, Accepted: p.T("web.order_accepted", i18n.Args{"when": p.DateTime(noon), "address": "203.0.113.7", "version": "9f2c61d0"}),
		Documents: []Link{{p.T("web.receipt"), "/orders/o1/receipt"}}, Ask: "/contact?order=OD-2026-000041",
		Story: []Fact{{Term: p.T("web.order_placed"), Value: p.DateTime(noon)}, {Term: p.T("web.order_paid"), Value: p.DateTime(noon.Add(time.Minute))}, {Term: p.T("web.order_delivered"), Value: p.DateTime(noon.Add(time.Minute))}}}
	v.Title = p.T("web.order", args("number", v.Number))
	v.RefundVersion, v.Try = "2026-02-20", "/decide?item=pack-200"
	v.Refunds = []RefundLine{{"Duplicate charge", State{Plain, p.T("decide.order_none")}, p.DateTime(noon), Link{"3.1", "/refund/2026-02-20#c-3.1"}},
		{"Paid for and not delivered", State{Warn, p.T("decide.order_review_most", args("amount", price))}, p.DateTime(noon), Link{"3.2", "/refund/2026-02-20#c-3.2"}},
		{"Change of mind", State{Plain, p.T("decide.order_never")}, "", Link{"2", "/refund/2026-02-20#c-2"}}}
	return v
}

func (s sampler) account() AccountView {
	p := s.p
	return AccountView{Page: s.own("web.account", SectionAccount),
		Facts:   []Fact{{Term: p.T("web.email"), Value: "ana@example.com"}, {Term: p.T("web.account_uid"), Value: "4F7K-29QD"}, {Term: p.T("web.account_since"), Value: p.Date(noon)}},
		Current: Field{Name: "current", Label: p.T("web.password_current"), Type: "password", Autocomplete: "current-password"},
		New:     newPasswordField(p, "new", p.T("web.password_new"), ""),
		Sessions: []SessionLine{
			{"s1", p.T("web.session_where", i18n.Args{"browser": "Firefox, Linux", "address": "203.0.113.7"}), p.T("web.session_seen", args("when", p.DateTime(noon))), true},
			{"s2", p.T("web.session_where", i18n.Args{"browser": "Safari, iPhone", "address": "198.51.100.20"}), p.T("web.session_seen", args("when", p.DateTime(noon.Add(-30*time.Hour)))), false}},
		Tokens: []TokenLine{{"t1", "darktable", p.T("web.token_used", i18n.Args{"when": p.Date(noon), "used": p.Date(noon)})}},
		Token:  Field{Name: "name", Label: p.T("web.token_name"), Hint: p.T("web.token_name_hint"), Autocomplete: "off"},
		Fresh:  "sl_4q9v_PV0b3mZtq2c8JrX6wQyLk1sHdNfTg7uEaBiOoRz"}
}

func (s sampler) policy() PolicyView {
	p := s.p
	clause := func(id, title string, level int, body string) ClauseView {
		return ClauseView{ID: "c-" + id, Number: id, Title: title, Level: level, Body: body}
	}
	applied := clause("2.1", "Results", 3, "<p>Artefacts, altered faces and unmet hopes are no ground for a refund, full or partial.</p><ul><li>Unused credits are not exchanged for money.</li><li>A failed job always gives its credits back.</li></ul>")
	applied.Applied = "<p>The lab gives the credits back by itself.</p>"
	applied.Rules = [][]string{{"A request about the quality of the result is denied."}, {"A request about a result that does not match the brief is denied."}}
	applied.Examples = []ExampleView{{Title: "A face came out differently", Lines: []string{"One day after the payment."}, State: State{Bad, p.T("decide.state_deny")},
		Heading: p.T("decide.deny"), Clauses: []Link{{"2.1", "#c-2.1"}}, Steps: []Fact{{Term: "Request received", Value: "2 March 2026, 09:00 UTC"}}}}
	return PolicyView{Page: s.page("web.foot_refund", ""), Lang: "en", Note: p.T("page.translation_en"), Heading: p.T("web.foot_refund"),
		Dated:    p.T("page.version", args("version", "2026-02-20")) + " · " + p.T("page.effective", args("date", p.Date(noon))),
		Texts:    []Option{{Value: "/refund?text=en", Label: "English", Hint: "en", Checked: true}, {Value: "/refund?text=es", Label: "Español", Hint: "es"}, {Value: "/refund?text=both", Label: p.T("page.both")}},
		Contents: []Link{{"1. Credits", "#c-1"}, {"2. All purchases are final", "#c-2"}}, Standing: Notice{Warn, p.T("page.old")}, InForce: "/refund",
		Intro: clause("0", "", 2, "<p>Buying credits is agreeing to this policy.</p>"), PDF: "/refund/2026-02-20.pdf", Hash: strings.Repeat("9f2c61d0", 8), Try: "/decide", Comparing: true,
		Clauses: []ClauseView{clause("1", "Credits", 2, "<p>Credits are consumed to process images.</p><p>They are there at once when a payment completes.</p>"),
			clause("2", "All purchases are final", 2, `<p>Before an order is created you are asked to tick the following statement.</p><blockquote class="statement">I understand that the AI is imperfect.</blockquote>`), applied},
		Versions: []VersionLine{{Link: Link{"2026-03-01", "/refund/2026-03-01"}, Note: p.T("page.now"), Compare: Link{p.T("page.compare", args("version", "2026-02-20")), "/refund/diff/2026-02-20..2026-03-01"}},
			{Link: Link{"2026-02-20", "/refund/2026-02-20"}, Shown: true}}}
}

// changed is a page under the notice of a text that has changed.
func (s sampler) changed() OrdersView {
	p, v := s.p, s.orders()
	v.Changed = []Changed{{Text: p.T("edition.notice", i18n.Args{"document": p.T("web.foot_refund"), "date": p.Date(noon)}), Note: "Reviews take two days longer.", Hash: "9f2c",
		Read: Link{p.T("edition.notice_read"), "/refund/2026-03-01"}, Compare: Link{p.T("edition.notice_changes"), "/refund/diff/2026-02-20..2026-03-01"}}}
	return v
}

func (s sampler) difference() DiffView {
	p := s.p
	versions := []Option{{Value: "2026-03-01", Label: "2026-03-01"}, {Value: "2026-02-20", Label: "2026-02-20", Checked: true}}
	return DiffView{Page: s.page("page.diff", ""), Heading: p.T("web.foot_refund"), Lede: p.T("page.diff_text", i18n.Args{"old": "2026-02-20", "new": "2026-03-01"}), Action: "/refund/diff",
		From: versions, To: versions, Lang: "en", Changes: []ChangeView{
			{Heading: p.T("diff.clause_changed", i18n.Args{"id": "1.1", "title": "Delivery"}), Read: Link{p.T("page.diff_read"), "/refund#c-1.1"},
				Lines: [][]Mark{{{Text: "Delivery"}}, {{Text: "Credits are added to your account "}, {Deleted: true, Text: "the moment your payment completes."}, {Inserted: true, Text: "within an hour."}}}},
			{Heading: p.T("diff.setting_changed", args("title", "refund window")), Lines: [][]Mark{{{Deleted: true, Text: "7 days"}, {Inserted: true, Text: "14 days"}}}}}}
}

func (s sampler) decide(answered bool) DecideView {
	p := s.p
	v := DecideView{Page: s.page("decide.title", ""), Lede: p.T("decide.lede", args("shop", "OpenDream")), Policy: Link{p.T("web.foot_refund"), "/refund"},
		Item:     Question{Field: Field{Name: "item", Label: p.T("decide.item")}, Groups: []Choices{{Heading: p.T("decide.kind_pack"), Options: []Option{{Value: "pack-100", Label: "100 credits, $14.90", Checked: true}}}}, Live: true},
		Currency: &Question{Field: Field{Name: "currency", Label: p.T("web.currency")}, Groups: []Choices{{Options: []Option{{Value: "USD", Label: "USD", Checked: true}}}}, Live: true},
		Times:    []Question{{Field: Field{Name: "paid", Label: p.T("decide.paid"), Type: "datetime-local", Value: "2026-03-01T10:00"}}, {Field: Field{Name: "at", Label: p.T("decide.at"), Type: "datetime-local", Value: "2026-03-04T09:00", Hint: p.T("decide.utc")}}},
		Ground: Question{Field: Field{Name: "ground", Label: p.T("decide.ground")}, Live: true, Groups: []Choices{{Options: []Option{{Label: p.T("decide.ground_choose")}}},
			{Heading: p.T("decide.ground_usual"), Options: []Option{{Value: "duplicate_charge", Label: "Duplicate charge", Checked: answered}}}}}}
	if !answered {
		return v
	}
	v.Problem = p.T("decide.wrong_form")
	v.Facts = []Question{{Field: Field{Name: "charges", Label: p.T("decide.charges")}, Groups: []Choices{{Options: []Option{{Value: "2", Label: p.T("decide.charges_2"), Checked: true}}}}},
		{Field: Field{Name: "pack.used", Label: p.T("decide.ask_pack.used"), Type: "number", Value: "201", Wrong: p.T("decide.wrong_many"), Optional: true}, Step: "1"}}
	v.Given = []Tick{{Name: "given.transaction_id", Label: p.T("decide.ask_given.transaction_id")}}
	v.Rare, v.RareOpen = []Question{{Field: Field{Name: "order.refunded", Label: p.T("decide.ask_order.refunded"), Hint: p.T("decide.empty_none"), Optional: true}}}, true
	v.Verdict = &Verdict{State: State{Good, p.T("decide.state_grant")}, Heading: p.T("decide.grant_refund", args("amount", p.Money(money.Of(1490, "USD")))), Version: p.T("decide.version", args("version", "2026-02-20")),
		Lang: "en", Facts: []Fact{{Term: p.T("decide.amount"), Value: p.Money(money.Of(1490, "USD"))}, {Term: p.T("decide.closes"), Value: p.DateTime(noon)}}, Missing: []string{"Transaction id"},
		Clauses: []Quoted{{"3.1", "Duplicate charge", "<p>A technical error took the money for one order twice.</p>", "/refund/2026-02-20#c-3.1"}},
		Steps:   []Fact{{Term: "Charged in all", Value: "14.90 + 14.90 = $29.80"}, {Term: "Charged beyond the price", Value: "29.80 − 14.90 = $14.90"}}, Letter: "Your request\n\nThe decision is …"}
	return v
}

func (s sampler) contact() ContactView {
	return ContactView{Page: s.page("web.contact", ""), Order: "OD-2026-000041", Topics: []Topic{
		{s.p.T("web.contact_billing"), s.p.T("web.contact_billing_text"), "support@example.com", "mailto:support@example.com?subject=OD-2026-000041"},
		{s.p.T("web.contact_privacy"), s.p.T("web.contact_privacy_text"), "privacy@example.com", "mailto:privacy@example.com"}}}
}

func (s sampler) colophon() ColophonView {
	return ColophonView{Page: s.page("web.colophon", ""), Photos: photos(s.p), Software: software()}
}

func (s sampler) trouble(status, text string) TroubleView {
	return TroubleView{Page: s.page("web.trouble_"+status, ""), Heading: s.p.T("web.trouble_" + status), Text: s.p.T(text), Request: "0198f3b2-77aa", Next: []Link{{s.p.T("web.trouble_home"), "/"}}}
}

func (s sampler) reference() ReferenceView {
	return ReferenceView{Page: s.page("web.reference", ""), Base: "https://photos.example.com/api/v1",
		Curl: "curl -H \"Authorization: Bearer $TOKEN\" \\\n  -F file=@photo.jpg \\\n  https://photos.example.com/api/v1/images",
		Groups: []CallGroup{{"Account", []Call{{"GET", "/api/v1/credits", "The balance and what it consists of", ""}, {"GET", "/api/v1/me", "Who the token belongs to", ""}}},
			{"Orders", []Call{{"POST", "/api/v1/checkout", "Order a pack", "Places an order and opens the processor's payment page. Takes an Idempotency-Key."}}}}}
}

func (s sampler) mailbox() MailboxView {
	p := s.p
	text := "A link is on its way.\n\nConfirm:\nhttps://photos.example.com/verify?token=KZ3VtQ5mB0aP1xYc7RfWn2LhJ8eUo4GsD6iTk9vM\n\n-- \nOpenDream\nsupport@example.com\nhttps://photos.example.com"
	return MailboxView{Page: s.page("web.mailbox", ""), Letters: []LetterLine{
		{ID: "mail_2", Subject: "Receipt for order OD-2026-000041", To: "ana@example.com", When: p.DateTime(noon), Class: p.T("web.mailbox_transactional"),
			Text: paragraphs("Thank you.\n\nOrder: OD-2026-000041\nCredits: 200\nPaid: 18.00 USD"), HTML: "/sandbox/mail/mail_2/html", Attachments: []Link{{"invoice-OD-2026-000041.pdf", "/sandbox/mail/mail_2/0"}}},
		{ID: "mail_1", Subject: "Confirm your e-mail", To: "ana@example.com", When: p.DateTime(noon), Class: p.T("web.mailbox_transactional"), Text: paragraphs(text), HTML: "/sandbox/mail/mail_1/html"}}}
}
