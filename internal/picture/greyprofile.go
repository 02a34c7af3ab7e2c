package picture

import (
	"errors"
	"image"
	"math"
)

var errNoCurve = errors.New("picture: grey profile without a curve")

// applyGrey converts grey pixels, or grey spread over three channels, by the tone
// curve of a grey profile, in place. An unreadable profile leaves them alone.
func applyGrey(img image.Image, profile []byte) {
	curve, err := toneCurve(profile, "kTRC")
	if err != nil {
		return // pixels of an unreadable profile are taken for sRGB
	}
	p := planeOf(img)
	wide := 1
	if p.size == 2 || p.size == 8 {
		wide = 2
	}
	table := toneTable(curve, wide)
	for y := range p.height {
		row := p.pix[y*p.stride:][:p.width*p.size]
		for x := 0; x < len(row); x += wide {
			if p.size >= 4 && x%p.size == 3*wide {
				continue // alpha
			}
			if wide == 1 {
				row[x] = byte(table[row[x]])
			} else {
				v := table[be16(row[x:])]
				row[x], row[x+1] = byte(v>>8), byte(v)
			}
		}
	}
}

// toneTable tabulates a curve to linear light as sRGB codes of wide bytes.
func toneTable(curve func(float64) float64, wide int) []uint16 {
	top := 1<<(8*wide) - 1
	table := make([]uint16, top+1)
	for i := range table {
		light := min(max(curve(float64(i)/float64(top)), 0), 1)
		table[i] = uint16(encodeSRGB(light)*float64(top) + 0.5)
	}
	return table
}

func encodeSRGB(light float64) float64 {
	if light <= 0.0031308 {
		return 12.92 * light
	}
	return 1.055*math.Pow(light, 1/2.4) - 0.055
}

// toneCurve reads a curve tag as a function from code to linear light, both 0 to 1.
func toneCurve(profile []byte, name string) (func(float64) float64, error) {
	tag := iccTag(profile, name)
	var curve func(float64) float64
	switch {
	case len(tag) >= 12 && string(tag[:4]) == "curv":
		curve = sampledCurve(tag)
	case len(tag) >= 16 && string(tag[:4]) == "para":
		curve = parametricCurve(tag)
	}
	if curve == nil {
		return nil, errNoCurve
	}
	if string(profile[20:24]) == "Lab " {
		return func(v float64) float64 { return lightness(curve(v)) }, nil
	}
	return curve, nil
}

// lightness gives the light of an L* from 0 to 1.
func lightness(l float64) float64 {
	if f := (l*100 + 16) / 116; f > 6.0/29 {
		return f * f * f
	}
	return l * 100 * 27 / 24389
}

// iccTag finds the data of a tag in a profile that [readableProfile] passed.
func iccTag(profile []byte, name string) []byte {
	for i := range int(be32(profile[128:])) {
		entry := profile[132+12*i:]
		if string(entry[:4]) == name {
			at := be32(entry[4:])
			return profile[at : at+be32(entry[8:])]
		}
	}
	return nil
}

func sampledCurve(tag []byte) func(float64) float64 {
	n := int(be32(tag[8:]))
	if n == 0 {
		return func(v float64) float64 { return v }
	}
	if n > (len(tag)-12)/2 {
		return nil
	}
	points := tag[12 : 12+2*n]
	if n == 1 {
		gamma := float64(be16(points)) / 256
		return func(v float64) float64 { return math.Pow(v, gamma) }
	}
	return func(v float64) float64 {
		at := v * float64(n-1)
		i := min(int(at), n-2)
		a, b := float64(be16(points[2*i:])), float64(be16(points[2*i+2:]))
		return (a + (b-a)*(at-float64(i))) / 65535
	}
}

// parametricCurve reads the five function types of ICC's parametric curves.
func parametricCurve(tag []byte) func(float64) float64 {
	kind := int(be16(tag[8:]))
	if kind > 4 {
		return nil
	}
	count := [5]int{1, 3, 4, 5, 7}[kind]
	if len(tag) < 12+4*count {
		return nil
	}
	var p [7]float64
	for i := range count {
		p[i] = float64(int32(be32(tag[12+4*i:]))) / 65536
	}
	g, a, b, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		a, d = 1, 0
	case 1, 2:
		if a == 0 {
			return nil
		}
		d, e, f, c = -b/a, c, c, 0
	}
	return func(v float64) float64 {
		if v < d {
			return c*v + f
		}
		return math.Pow(max(a*v+b, 0), g) + e
	}
}
