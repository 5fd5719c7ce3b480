"""Half-precision and quantised graphs, made as transformers.js' scripts/quantize.py makes those on the hub.

That script's defaults: dynamic quantisation of Conv, MatMul, Gather and Transpose (activations uint8, weights per tensor), 4-bit
weights in blocks of 32, symmetric, NF4 in blocks of 64, float16 with float32 inputs and outputs. Its float16.py is a copy of
onnxconverter-common's; onnxruntime.transformers.float16 is the same converter with other clipping of extreme weights.
"""

from __future__ import annotations

import logging
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantizationMode, QuantType
from onnxruntime.quantization.matmul_bnb4_quantizer import MatMulBnb4Quantizer
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.quantization.onnx_quantizer import ONNXQuantizer
from onnxruntime.quantization.registry import IntegerOpsRegistry
from onnxruntime.transformers import float16

logging.getLogger("onnxruntime").setLevel(logging.ERROR)
logging.disable(logging.INFO)

SUFFIXES = {
    "fp16": "fp16", "q8": "quantized", "int8": "int8", "uint8": "uint8", "q4": "q4", "q4f16": "q4f16", "bnb4": "bnb4",
}  # fmt: skip


def eight_bits(model: onnx.ModelProto, weights: QuantType) -> onnx.ModelProto:
    quantizer = ONNXQuantizer(
        model, False, False, mode=QuantizationMode.IntegerOps, static=False, weight_qType=weights,
        activation_qType=QuantType.QUInt8, tensors_range=None, nodes_to_quantize=[], nodes_to_exclude=[],
        op_types_to_quantize=set(IntegerOpsRegistry), extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True},
    )  # fmt: skip
    quantizer.quantize_model()
    return quantizer.model.model


def four_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    quantizer = MatMulNBitsQuantizer(model, block_size=32, is_symmetric=True, accuracy_level=None)
    quantizer.process()
    return quantizer.model.model


def normal_floats(model: onnx.ModelProto) -> onnx.ModelProto:
    quantizer = MatMulBnb4Quantizer(model, quant_type=MatMulBnb4Quantizer.NF4, block_size=64)
    quantizer.process()
    return quantizer.model.model


def half(model: onnx.ModelProto, keep_io_types: bool = True) -> onnx.ModelProto:
    return float16.convert_float_to_float16(
        model, keep_io_types=keep_io_types, op_block_list=float16.DEFAULT_OP_BLOCK_LIST
    )


def make(path: Path, variant: str) -> onnx.ModelProto:
    """The variant of a float32 graph."""
    model = onnx.load_model(str(path))
    if variant == "q8":
        convolves = any(node.op_type == "Conv" for node in model.graph.node)
        return eight_bits(model, QuantType.QUInt8 if convolves else QuantType.QInt8)
    makers = {
        "fp16": half,
        "int8": lambda m: eight_bits(m, QuantType.QInt8),
        "uint8": lambda m: eight_bits(m, QuantType.QUInt8),
        "q4": four_bits,
        "q4f16": lambda m: half(four_bits(m)),
        "bnb4": normal_floats,
    }
    return makers[variant](model)
