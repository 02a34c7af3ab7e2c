package picture

import (
	"bytes"
	"testing"
)

// heifItemOf is an item of a HEIF file that a test puts together.
type heifItemOf struct {
	kind  string
	data  []byte
	props [][]byte
	dimg  []int // ids of items that it is derived from
	auxl  int   // id of the item that it belongs to
}

// heifOf puts a HEIF file together; items have the ids 1, 2, … and the first is
// primary. All data lies in the idat box.
func heifOf(brand string, items ...heifItemOf) []byte {
	var infe, iloc, iref, ipco, ipma, idat []byte
	count := 0
	for i, it := range items {
		id := i + 1
		infe = append(infe, mkbox("infe", u32(2<<24), u16(id, 0), []byte(it.kind), []byte{0})...)
		iloc = append(iloc, bytes.Join([][]byte{u16(id, 1, 0, 1), u32(len(idat), len(it.data))}, nil)...)
		idat = append(idat, it.data...)
		if len(it.dimg) > 0 {
			iref = append(iref, mkbox("dimg", u16(id, len(it.dimg)), u16(it.dimg...))...)
		}
		if it.auxl > 0 {
			iref = append(iref, mkbox("auxl", u16(id, 1, it.auxl))...)
		}
		ipma = append(ipma, append(u16(id), byte(len(it.props)))...)
		for _, p := range it.props {
			count++
			ipco = append(ipco, p...)
			ipma = append(ipma, u16(1<<15|count)...)
		}
	}
	meta := mkbox("meta", u32(0),
		mkbox("hdlr", u32(0, 0), []byte("pict"), make([]byte, 13)),
		mkbox("pitm", u32(0), u16(1)),
		mkbox("iloc", u32(1<<24), []byte{0x44, 0}, u16(len(items)), iloc),
		mkbox("iinf", u32(0), u16(len(items)), infe),
		mkbox("iref", u32(0), iref),
		mkbox("iprp", mkbox("ipco", ipco), mkbox("ipma", u32(1), u32(len(items)), ipma)),
		mkbox("idat", idat))
	return append(mkbox("ftyp", []byte(brand), u32(0), []byte("mif1"), []byte(brand)), meta...)
}

func ispe(w, h int) []byte { return mkbox("ispe", u32(0, w, h)) }

// codedIn takes the primary item of a sample: its data and its configuration.
func codedIn(t testing.TB, name string) (data, config []byte) {
	t.Helper()
	file := sample(t, name)
	var meta []byte
	_ = eachBox(file, func(b box) error {
		if b.kind == "meta" {
			meta = b.body
		}
		return nil
	})
	f, err := readMeta(file, meta)
	if err != nil {
		t.Fatal(err)
	}
	it := f.items[f.primary]
	pieces, err := f.bytesOf(it)
	if err != nil {
		t.Fatal(err)
	}
	_ = f.properties(it, func(b box) error {
		if b.kind == "hvcC" || b.kind == "av1C" {
			config = mkbox(b.kind, b.body)
		}
		return nil
	})
	return joined(pieces), config
}

// gridOf is a grid of columns by rows of the 96 by 64 sample.
func gridOf(t testing.TB, name, brand, kind string, columns, rows, w, h int) []byte {
	data, config := codedIn(t, name)
	grid := heifItemOf{kind: "grid", props: [][]byte{ispe(w, h)}}
	grid.data = append([]byte{0, 1, byte(rows - 1), byte(columns - 1)}, u32(w, h)...)
	items := []heifItemOf{grid}
	for n := range columns * rows {
		items = append(items, heifItemOf{kind: kind, data: data, props: [][]byte{config, ispe(96, 64)}})
		items[0].dimg = append(items[0].dimg, n+2)
	}
	return heifOf(brand, items...)
}
