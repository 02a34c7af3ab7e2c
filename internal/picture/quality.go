package picture

import (
	"errors"
	"math"
)

var errTooManyScans = errors.New("JPEG with too many scans")

// quantTables are the quantisation tables of a JPEG, in zigzag order.
type quantTables struct {
	table [4][64]uint16
	seen  [4]bool
}

// add reads the body of one DQT segment and keeps the first definition of each
// table; later scans may redefine them, which no camera does.
func (q *quantTables) add(body []byte) {
	for len(body) > 0 {
		wide, id := body[0]>>4 != 0, int(body[0]&15)
		step := 1
		if wide {
			step = 2
		}
		if id > 3 || len(body) < 1+64*step {
			return
		}
		for i := range 64 {
			if v := body[1+i*step:]; q.seen[id] {
				break
			} else if wide {
				q.table[id][i] = be16(v)
			} else {
				q.table[id][i] = uint16(v[0])
			}
		}
		q.seen[id] = true
		body = body[1+64*step:]
	}
}

func (q *quantTables) quality() int {
	var luma, chroma []uint16
	if q.seen[0] {
		luma = q.table[0][:]
	}
	if q.seen[1] {
		chroma = q.table[1][:]
	}
	return EstimateJPEGQuality(luma, chroma)
}

// The example tables of the JPEG standard, annex K, in zigzag order.
var (
	standardLuma = [64]uint16{
		16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
		56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
	}
	standardChroma = [64]uint16{
		17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	}
)

// EstimateJPEGQuality says which quality, 1 to 100 on libjpeg's scale, comes
// closest to the quantisation tables, which are in zigzag order; chroma may be
// nil. Tables of other makers get the quality whose standard table quantises
// as coarsely where the eye sees it: the comparison is of logarithms and the low
// frequencies weigh most. It gives 0 if luma has not 64 steps.
func EstimateJPEGQuality(luma, chroma []uint16) int {
	if len(luma) != 64 {
		return 0
	}
	best, least := 0, math.Inf(1)
	for quality := 1; quality <= 100; quality++ {
		miss := distance(luma, &standardLuma, quality)
		if len(chroma) == 64 {
			miss += distance(chroma, &standardChroma, quality) / 2
		}
		if miss <= least {
			best, least = quality, miss
		}
	}
	return best
}

// distance is the weighted mean square of log2 of the ratio of two tables. The
// mean ratio counts far more than the shape, so that foreign tables are ranked by
// their coarseness.
func distance(table []uint16, standard *[64]uint16, quality int) float64 {
	var sum, square, weights float64
	for i, have := range table {
		want := scaled(standard[i], quality)
		d := math.Log2(float64(max(have, 1)) / float64(want))
		weight := 1 / (1 + float64(i)/8)
		sum += weight * d
		square += weight * d * d
		weights += weight
	}
	mean := sum / weights
	return mean*mean + 0.05*square/weights
}

// scaled is the step that libjpeg derives from a standard step for a quality.
func scaled(step uint16, quality int) uint16 {
	percent := 200 - 2*quality
	if quality < 50 {
		percent = 5000 / quality
	}
	return uint16(min(max((int(step)*percent+50)/100, 1), 255))
}
