package diff

import "strings"

// An Edit is what happened to words between two versions.
type Edit int8

// The edits.
const (
	Kept Edit = iota
	Deleted
	Inserted
)

// A Stretch is words that share what happened to them. "\n" in it ends a
// paragraph.
type Stretch struct {
	Edit Edit
	Text string
}

// Texts marks word by word what became of a text.
func Texts(before, after string) []Stretch {
	old, new := words(before), words(after)
	head := 0
	for head < len(old) && head < len(new) && old[head] == new[head] {
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(new)-head && old[len(old)-1-tail] == new[len(new)-1-tail] {
		tail++
	}
	var m marks
	m.add(Kept, old[:head])
	m.between(old[head:len(old)-tail], new[head:len(new)-tail])
	m.add(Kept, old[len(old)-tail:])
	return m.tidied()
}

// words cuts a text after each space and around each line's end.
func words(s string) (all []string) {
	for _, w := range strings.SplitAfter(s, " ") {
		for line, rest := w, ""; line != ""; line = rest {
			if i := strings.IndexByte(line, '\n'); i == 0 {
				line, rest = "\n", line[1:]
			} else if i > 0 {
				line, rest = line[:i], line[i:]
			} else {
				rest = ""
			}
			all = append(all, line)
		}
	}
	return all
}

// marks collects what happened, word by word.
type marks []Stretch

func (m *marks) add(e Edit, words []string) {
	for _, w := range words {
		*m = append(*m, Stretch{e, w})
	}
}

// maxTable bounds the work of one comparison: beyond it the whole text counts
// as replaced.
const maxTable = 4_000_000

// between compares by the longest common subsequence.
func (m *marks) between(old, new []string) {
	if len(old)*len(new) > maxTable {
		m.add(Deleted, old)
		m.add(Inserted, new)
		return
	}
	width := len(new) + 1
	common := make([]int32, (len(old)+1)*width) // of what follows each pair
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(new) - 1; j >= 0; j-- {
			if old[i] == new[j] {
				common[i*width+j] = common[(i+1)*width+j+1] + 1
			} else {
				common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(old) && j < len(new) {
		switch {
		case old[i] == new[j]:
			m.add(Kept, old[i:i+1])
			i, j = i+1, j+1
		case common[(i+1)*width+j] >= common[i*width+j+1]:
			m.add(Deleted, old[i:i+1])
			i++
		default:
			m.add(Inserted, new[j:j+1])
			j++
		}
	}
	m.add(Deleted, old[i:])
	m.add(Inserted, new[j:])
}

// tidied joins words into stretches: what was deleted before what was inserted,
// and without a single kept word between two changes, which nobody reads well.
func (m marks) tidied() (all []Stretch) {
	var deleted, inserted strings.Builder
	flush := func() {
		if deleted.Len() > 0 {
			all = append(all, Stretch{Deleted, deleted.String()})
		}
		if inserted.Len() > 0 {
			all = append(all, Stretch{Inserted, inserted.String()})
		}
		deleted.Reset()
		inserted.Reset()
	}
	for i, w := range m {
		lone := w.Edit == Kept && w.Text != "\n" && deleted.Len() > 0 && inserted.Len() > 0 && i+1 < len(m) && m[i+1].Edit != Kept
		switch {
		case w.Edit == Deleted:
			deleted.WriteString(w.Text)
		case w.Edit == Inserted:
			inserted.WriteString(w.Text)
		case lone:
			deleted.WriteString(w.Text)
			inserted.WriteString(w.Text)
		default:
			flush()
			if n := len(all); n > 0 && all[n-1].Edit == Kept {
				all[n-1].Text += w.Text
			} else {
				all = append(all, Stretch{Kept, w.Text})
			}
		}
	}
	flush()
	return all
}
