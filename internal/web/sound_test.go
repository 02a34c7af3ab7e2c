package web

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"safelight/internal/i18n"
)

// render returns a page as text and as a tree.
func render(t *testing.T, c templ.Component) (string, *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.ParseWithOptions(bytes.NewReader(b.Bytes()), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), root
}

func all(root *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(root, cascadia.MustCompile(selector))
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestEveryPageIsSoundInEveryLanguage(t *testing.T) {
	for _, lang := range i18n.Languages {
		for _, s := range samples(lang, "") {
			t.Run(string(lang)+"/"+s.name, func(t *testing.T) {
				text, root := render(t, s.page)
				wordsAreThere(t, text, root)
				nothingIsInline(t, root)
				headingsAreInOrder(t, root)
				controlsAreNamed(t, root)
				idsAreUnique(t, root)
				picturesAreDescribed(t, root)
				everythingIsOurs(t, root)
			})
		}
	}
}

var bracketed = regexp.MustCompile(`\[[a-z0-9_]+\.[a-z0-9_.]+\]|<no value>|%!`)

func wordsAreThere(t *testing.T, text string, root *html.Node) {
	t.Helper()
	if m := bracketed.FindString(text); m != "" {
		t.Errorf("a message is missing: %s", m)
	}
	if len(all(root, "title")) != 1 || len(all(root, "main#main")) != 1 {
		t.Error("there is not one title and one main")
	}
}

func nothingIsInline(t *testing.T, root *html.Node) {
	t.Helper()
	for _, n := range all(root, "[style], style, script:not([src])") {
		t.Errorf("inline style or script in <%s>", n.Data)
	}
	for _, n := range all(root, "*") {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("inline script in <%s %s>", n.Data, a.Key)
			}
		}
	}
}

func headingsAreInOrder(t *testing.T, root *html.Node) {
	t.Helper()
	if n := len(all(root, "h1")); n != 1 {
		t.Errorf("%d first headings", n)
	}
	level := 0
	for _, n := range all(root, "h1, h2, h3, h4, h5, h6") {
		next := int(n.Data[1] - '0')
		if next > level+1 {
			t.Errorf("<%s> follows a heading of level %d", n.Data, level)
		}
		level = next
	}
}

func controlsAreNamed(t *testing.T, root *html.Node) {
	t.Helper()
	for _, n := range all(root, `input:not([type="hidden"]):not([hidden]), select, textarea`) {
		inside := n.Parent != nil && n.Parent.Data == "label"
		if !inside && len(all(root, `label[for="`+attr(n, "id")+`"]`)) != 1 {
			t.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
		}
		for _, id := range strings.Fields(attr(n, "aria-describedby")) {
			if len(all(root, `[id="`+id+`"]`)) != 1 {
				t.Errorf("%q describes %q, and is not there", id, attr(n, "name"))
			}
		}
	}
	for _, n := range all(root, "a, button") {
		if attr(n, "aria-label") == "" && strings.TrimSpace(textOf(n)) == "" {
			t.Errorf("<%s href=%q> says nothing", n.Data, attr(n, "href"))
		}
	}
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}

func idsAreUnique(t *testing.T, root *html.Node) {
	t.Helper()
	seen := []string{}
	for _, n := range all(root, "[id]") {
		if slices.Contains(seen, attr(n, "id")) {
			t.Errorf("id %q stands twice", attr(n, "id"))
		}
		seen = append(seen, attr(n, "id"))
	}
}

func picturesAreDescribed(t *testing.T, root *html.Node) {
	t.Helper()
	if len(all(root, "img:not([alt])")) > 0 {
		t.Error("a picture has no alt")
	}
}

// everythingIsOurs: what a page loads by itself comes from the site itself.
func everythingIsOurs(t *testing.T, root *html.Node) {
	t.Helper()
	for _, n := range all(root, "[src], link[href], form[action]") {
		for _, name := range []string{"src", "action"} {
			if v := attr(n, name); strings.Contains(v, "//") {
				t.Errorf("<%s> speaks to %s", n.Data, v)
			}
		}
	}
}

func TestNoAgreementIsTickedForTheReader(t *testing.T) {
	for _, s := range samples(i18n.English, "") {
		_, root := render(t, s.page)
		if len(all(root, `input[type="checkbox"][checked]`)) > 0 {
			t.Errorf("%s: a box is ticked beforehand", s.name)
		}
	}
}

func TestNoFormAsksForACard(t *testing.T) {
	for _, s := range samples(i18n.English, "") {
		_, root := render(t, s.page)
		if len(all(root, `[autocomplete^="cc-"], [name*="card"], [name*="cvc"]`)) > 0 {
			t.Errorf("%s: asks for a card", s.name)
		}
	}
}

func TestACustomersWordsAreNeverMarkup(t *testing.T) {
	v := sampler{p: i18n.For(i18n.English)}.image(false)
	v.Name = `<img src=x onerror=alert(1)>"' & .jpg`
	_, root := render(t, Image(v))
	if h := all(root, "h1"); textOf(h[0]) != v.Name || len(all(root, `img[src="x"]`)) > 0 {
		t.Errorf("the name became markup: %q", textOf(h[0]))
	}
}
