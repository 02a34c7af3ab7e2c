package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// race N STATUS=COUNT,... METHOD PATH JSON: N calls of the API at the same
// time, and exactly so many answers of each status.
func raceAPI(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	w := of(ts)
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	start := make(chan bool)
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	defer client.CloseIdleConnections()
	for range n {
		r, err := http.NewRequest(args[2], w.url+args[3], strings.NewReader(args[4]))
		ts.Check(err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+w.token)
		all.Go(func() {
			<-start
			status := 0
			if res, err := client.Do(r); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				status = res.StatusCode
			}
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	close(start)
	all.Wait()
	var got []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		got = append(got, fmt.Sprintf("%d=%d", status, counts[status]))
	}
	if s := strings.Join(got, ","); s != args[1] {
		ts.Fatalf("%d at once: %s, want %s", n, s, args[1])
	}
}

// An event is one of the processor's, as its history shows it.
type event struct{ ID, Type, Payload, Signature string }

func history(ts *testscript.TestScript) (all []event) {
	callSandbox(ts, false, []string{"200", "control/events"})
	ts.Check(json.Unmarshal(of(ts).body, &all))
	if len(all) == 0 {
		ts.Fatalf("the processor has no events")
	}
	return all
}

func postEvent(ts *testscript.TestScript, payload, signature string) int {
	r, err := http.NewRequest(http.MethodPost, of(ts).url+"/webhooks/stripe", strings.NewReader(payload))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Stripe-Signature", signature)
	res, err := http.DefaultClient.Do(r)
	ts.Check(err)
	_ = res.Body.Close()
	return res.StatusCode
}

// replay N: posts every event that the processor ever had N times, well signed.
func replayEvents(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for _, e := range history(ts) {
		for range n {
			if status := postEvent(ts, e.Payload, e.Signature); status != http.StatusOK {
				ts.Fatalf("%s %s: %d", e.Type, e.ID, status)
			}
		}
	}
}

// forge: posts every event with something about it that the processor did not
// sign, and each is refused.
func forgeEvents(ts *testscript.TestScript, _ bool, _ []string) {
	all := history(ts)
	for i, e := range all {
		at, mac, _ := strings.Cut(e.Signature, ",v1=")
		second, err := strconv.ParseInt(strings.TrimPrefix(at, "t="), 10, 64)
		ts.Check(err)
		forged := map[string][2]string{
			"another id":            {strings.Replace(e.Payload, e.ID, e.ID+"x", 1), e.Signature},
			"a space more":          {e.Payload + " ", e.Signature},
			"a later time":          {e.Payload, fmt.Sprintf("t=%d,v1=%s", second+1, mac)},
			"an hour ago":           {e.Payload, fmt.Sprintf("t=%d,v1=%s", second-3600, mac)},
			"no signature":          {e.Payload, ""},
			"no time":               {e.Payload, "v1=" + mac},
			"an empty mac":          {e.Payload, at + ",v1="},
			"another scheme":        {e.Payload, at + ",v0=" + mac},
			"another's signature":   {e.Payload, all[(i+1)%len(all)].Signature},
			"half of the signature": {e.Payload, at + ",v1=" + mac[:32]},
		}
		for what, f := range forged {
			if status := postEvent(ts, f[0], f[1]); status != http.StatusBadRequest {
				ts.Fatalf("%s with %s: %d", e.Type, what, status)
			}
		}
	}
}

// What a laden photo tells of who took it, where and with what.
const (
	tellsOwner  = "Ana Propietaria 7341"
	tellsSerial = "SN-9988776655"
)

// tellsPlace is a latitude as EXIF has it: 40 degrees, 26 minutes, 46 seconds.
var tellsPlace = rationals(40, 1, 26, 1, 4600, 100)

func rationals(all ...uint32) (out []byte) {
	for _, n := range all {
		out = binary.LittleEndian.AppendUint32(out, n)
	}
	return out
}

// laden OUT IN: writes a photo that tells all that a camera may: its EXIF has
// an owner, a serial number, a place and a thumbnail.
func ladenFile(ts *testscript.TestScript, _ bool, args []string) {
	data := []byte(ts.ReadFile(args[1]))
	tells := exif()
	switch filepath.Ext(args[0]) {
	case ".jpg":
		xmp := []byte("http://ns.adobe.com/xap/1.0/\x00" + xmpPacket)
		data = slices.Concat(data[:2], segment(0xe1, append([]byte("Exif\x00\x00"), tells...)), segment(0xe1, xmp),
			segment(0xfe, []byte(tellsOwner)), data[2:], []byte(tellsOwner))
	case ".png":
		const head = 8 + 25
		data = slices.Concat(data[:head], chunk("eXIf", tells), chunk("tEXt", []byte("Author\x00"+tellsOwner)),
			chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmpPacket)), data[head:])
	default:
		ts.Fatalf("laden: .jpg or .png")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o600))
}

const xmpPacket = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
	`<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="40,26.7667N" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" ` +
	`aux:OwnerName="` + tellsOwner + `" aux:SerialNumber="` + tellsSerial + `"/></rdf:RDF></x:xmpmeta>`

// segment is one of a JPEG's, chunk one of a PNG's.
func segment(marker byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

func chunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// exif is a little-endian TIFF block of a main, an EXIF, a GPS and a thumbnail
// directory; what does not fit into an entry lies behind all of them.
func exif() []byte {
	const first, camera, place, small, behind = 8, 50, 80, 134, 164
	var tail []byte
	entry := func(tag, kind uint16, count uint32, value []byte) []byte {
		out := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, tag), kind), count)
		if len(value) > 4 {
			at := behind + len(tail)
			tail = append(tail, value...)
			value = rationals(uint32(at))
		}
		return append(out, append(value, 0, 0, 0, 0)[:4]...)
	}
	text := func(tag uint16, s string) []byte { return entry(tag, 2, uint32(len(s)+1), append([]byte(s), 0)) }
	number := func(tag uint16, n uint32) []byte { return entry(tag, 4, 1, rationals(n)) }
	directory := func(next uint32, entries ...[]byte) []byte {
		return append(append([]byte{byte(len(entries)), 0}, slices.Concat(entries...)...), rationals(next)...)
	}
	thumbnail := []byte("\xff\xd8\xff\xfe\x00\x16" + tellsOwner + "\xff\xd9")
	thumb := entry(0x7fff, 7, uint32(len(thumbnail)), thumbnail) // only so that it lies behind
	return slices.Concat([]byte("II*\x00"), rationals(first),
		directory(small, text(0x8298, tellsOwner), number(0x8769, camera), number(0x8825, place)),
		directory(0, text(0xa430, tellsOwner), text(0xa431, tellsSerial)),
		directory(0, text(1, "N"), entry(2, 5, 3, tellsPlace), text(3, "W"), entry(4, 5, 3, tellsPlace)),
		directory(0, number(0x0201, binary.LittleEndian.Uint32(thumb[8:])), number(0x0202, uint32(len(thumbnail)))),
		tail)
}

// bare [FILE]: the last answer, or the file, tells nothing of who took it,
// where and with what; with "!" it does.
func checkBare(ts *testscript.TestScript, neg bool, args []string) {
	data, name := of(ts).body, "the answer"
	if len(args) > 0 {
		data, name = []byte(ts.ReadFile(args[0])), args[0]
	}
	told := ""
	for what, mark := range map[string][]byte{"the owner": []byte(tellsOwner), "the serial number": []byte(tellsSerial), "the place": tellsPlace,
		"XMP": []byte("<x:xmpmeta"), "a little TIFF block": []byte("II*\x00"), "a big TIFF block": []byte("MM\x00*"), "a place in XMP": []byte("GPSLatitude")} {
		if bytes.Contains(data, mark) {
			told = what
		}
	}
	if (told != "") != neg {
		ts.Fatalf("%s (%d bytes) tells %q", name, len(data), told)
	}
}
