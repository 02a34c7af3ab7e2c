package picture

import "image"

// upright turns and mirrors pixels as an EXIF orientation asks and cuts them to
// a crop of the stored pixels. The result may share pixels with img.
func upright(img image.Image, cut crop, orientation int) image.Image {
	p := planeOf(img)
	at := cut.y*p.stride + cut.x*p.size
	p.pix, p.width, p.height = p.pix[at:], cut.width, cut.height
	if orientation <= 1 && cut.x == 0 && cut.y == 0 && img.Bounds().Dx() == cut.width && img.Bounds().Dy() == cut.height {
		return img
	}
	return p.turned(orientation).image(img)
}

// plane is packed pixels of any of the four kinds that this package makes.
type plane struct {
	pix                         []byte
	stride, size, width, height int
}

func planeOf(img image.Image) plane {
	b := img.Bounds()
	p := plane{width: b.Dx(), height: b.Dy()}
	switch m := img.(type) {
	case *image.NRGBA:
		p.pix, p.stride, p.size = m.Pix, m.Stride, 4
	case *image.NRGBA64:
		p.pix, p.stride, p.size = m.Pix, m.Stride, 8
	case *image.Gray:
		p.pix, p.stride, p.size = m.Pix, m.Stride, 1
	case *image.Gray16:
		p.pix, p.stride, p.size = m.Pix, m.Stride, 2
	default:
		panic("picture: pixels of an unknown kind")
	}
	return p
}

// image makes an image of like's kind from p.
func (p plane) image(like image.Image) image.Image {
	r := image.Rect(0, 0, p.width, p.height)
	switch like.(type) {
	case *image.NRGBA:
		return &image.NRGBA{Pix: p.pix, Stride: p.stride, Rect: r}
	case *image.NRGBA64:
		return &image.NRGBA64{Pix: p.pix, Stride: p.stride, Rect: r}
	case *image.Gray:
		return &image.Gray{Pix: p.pix, Stride: p.stride, Rect: r}
	default:
		return &image.Gray16{Pix: p.pix, Stride: p.stride, Rect: r}
	}
}

// turned copies p as orientation asks. Where an output pixel comes from is a
// start and two steps, so one loop serves all eight.
func (p plane) turned(orientation int) plane {
	across, down := p.size, p.stride
	right, bottom := (p.width-1)*across, (p.height-1)*down
	out := plane{size: p.size, width: p.width, height: p.height}
	if orientation >= 5 {
		out.width, out.height = p.height, p.width
	}
	start, stepX, stepY := 0, across, down
	switch orientation {
	case 2:
		start, stepX = right, -across
	case 3:
		start, stepX, stepY = right+bottom, -across, -down
	case 4:
		start, stepY = bottom, -down
	case 5:
		stepX, stepY = down, across
	case 6:
		start, stepX, stepY = bottom, -down, across
	case 7:
		start, stepX, stepY = right+bottom, -down, -across
	case 8:
		start, stepX, stepY = right, down, -across
	}
	out.stride = out.width * out.size
	out.pix = make([]byte, out.stride*out.height)
	for y := range out.height {
		from := start + y*stepY
		row := out.pix[y*out.stride : (y+1)*out.stride]
		for len(row) > 0 {
			copy(row[:p.size], p.pix[from:from+p.size])
			row, from = row[p.size:], from+stepX
		}
	}
	return out
}
