package policy

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// A Passage is a piece of prose without markup.
type Passage struct {
	Kind PassageKind
	Mark string // of an item: "•" or its number, "2."
	Text string // in one line
}

// PassageKind is what a passage looks like.
type PassageKind string

// The kinds of passages.
const (
	Paragraph PassageKind = "paragraph"
	Item      PassageKind = "item"
	Statement PassageKind = "statement" // what the buyer ticks
)

var markdown = goldmark.DefaultParser()

// Passages takes Markdown apart into plain paragraphs and items, for where
// there is no HTML: a comparison, a letter, a PDF.
func Passages(prose string) (all []Passage) {
	source := []byte(prose)
	root := markdown.Parse(text.NewReader(source))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
			p := Passage{Kind: Paragraph, Text: inline(n, source)}
			if item, ok := n.Parent().(*ast.ListItem); ok && item.FirstChild() == ast.Node(n) {
				p.Kind, p.Mark = Item, bullet(item)
			}
			all = append(all, p)
			return ast.WalkSkipChildren, nil
		case *ast.FencedCodeBlock:
			all = append(all, Passage{Kind: Statement, Text: oneLine(string(n.Lines().Value(source)))})
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return all
}

func bullet(item *ast.ListItem) string {
	list, ok := item.Parent().(*ast.List)
	if !ok || !list.IsOrdered() {
		return "•"
	}
	n := list.Start
	for before := item.PreviousSibling(); before != nil; before = before.PreviousSibling() {
		n++
	}
	return fmt.Sprintf("%d.", n)
}

// inline is the text of a block without its markup.
func inline(block ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(block, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.URL(source))
		}
		return ast.WalkContinue, nil
	})
	return oneLine(b.String())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
