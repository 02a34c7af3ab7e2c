package fact

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Read gives the cases of a text: one JSON object over any number of lines, or
// several, one a line; then an error begins with the number of its line, and
// nothing follows it.
func Read(r io.Reader) iter.Seq2[*Case, error] {
	return func(yield func(*Case, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		first, err := nonBlank(in)
		if err != nil {
			yield(nil, err)
			return
		}
		if !json.Valid(first.text) { // one object over several lines, or a faulty line
			rest, err := io.ReadAll(in)
			if err != nil {
				yield(nil, err)
				return
			}
			whole := append(bytes.Clone(first.text), rest...)
			if json.Valid(whole) || len(bytes.TrimSpace(rest)) == 0 || !bytes.HasSuffix(bytes.TrimSpace(first.text), []byte("}")) {
				yield(Parse(whole))
				return
			}
			in = bufio.NewReader(bytes.NewReader(rest))
		}
		lines(in, first, yield)
	}
}

type line struct {
	text   []byte
	number int
}

// lines reads one case a line. A single line is not numbered.
func lines(in *bufio.Reader, at line, yield func(*Case, error) bool) {
	for alone := true; ; alone = false {
		next, err := nonBlank(in)
		if err != nil && !errors.Is(err, errEmpty) {
			yield(nil, err)
			return
		}
		c, fault := Parse(at.text)
		if fault != nil && (!alone || err == nil) {
			fault = fmt.Errorf("%d: %w", at.number, fault)
		}
		if !yield(c, fault) || fault != nil || err != nil {
			return
		}
		next.number += at.number
		at = next
	}
}

var errEmpty = wrong("", "the facts are empty")

// nonBlank is the next line with something on it, numbered from the place where
// the reading began.
func nonBlank(in *bufio.Reader) (line, error) {
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(text)) > 0 {
			return line{text: text, number: n}, nil
		}
		if errors.Is(err, io.EOF) {
			return line{}, errEmpty
		}
		if err != nil {
			return line{}, err
		}
	}
}
