"""Devices that models run on: where the code insists on CUDA, and where it asks first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Binding, Function

_LIBRARIES = frozenset(
    "torch transformers docling sentence_transformers easyocr whisper ultralytics diffusers faster_whisper open_clip "
    "torchvision timm accelerate surya doctr speechbrain peft vllm".split()
)
_ASKS = re.compile(
    r"is_available|device_count|is_torch_cuda_available|get_device_capability|cuda\.OutOfMemory|AcceleratorDevice\.AUTO"
)
_CUDA = re.compile(r"^cuda(:\d+)?$")
_NEEDS_IT = re.compile(
    r"(^|[/_.])(train|training|trainer|finetune|kernels?|triton|bench|benchmarks?|distributed|ddp)", re.IGNORECASE
)
_KEYWORDS = frozenset({"device", "device_map", "map_location", "accelerator_device", "torch_device"})


@dataclass(slots=True)
class Insistence:
    """A place that insists on CUDA: the literal that says so, or the whole call of `.cuda()`."""

    node: ast.expr
    function: Function
    text: str
    literal: ast.Constant | None


def uses_models(code: Code) -> bool:
    """Whether the file imports one of the libraries that run on a GPU."""
    return not _LIBRARIES.isdisjoint(code.module.imported)


def insistences(code: Code) -> Iterator[Insistence]:
    """The places of a file that name CUDA as the device without asking whether there is one."""
    if not uses_models(code) or "cuda" not in code.module.folded:
        return
    if _ASKS.search(code.module.text) or _NEEDS_IT.search(code.module.path):
        return
    seen: set[int] = set()
    for call in code.all_calls:
        if _NEEDS_IT.search(call.function.qualname):
            continue
        found = _insists(call)
        if found is not None and id(found[0]) not in seen:
            seen.add(id(found[0]))
            yield Insistence(found[0], call.function, call.text, found[1])


def _insists(call: Call) -> tuple[ast.expr, ast.Constant | None] | None:
    node = call.node
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if last == "cuda" and isinstance(node.func, ast.Attribute) and not node.keywords and len(node.args) < 2:
        return None if unparse(node.func.value) == "torch" else (node, None)
    given = [keyword.value for keyword in node.keywords if keyword.arg in _KEYWORDS]
    if last in ("to", "device", "to_device", "set_default_device", "autocast"):
        given = [*node.args[:1], *given]
    elif call.callee is not None and call.callee.owner is None:
        given += [one for one, name in zip(node.args, call.callee.parameters, strict=False) if name in _KEYWORDS]
    for value in (_bound(one, call) for one in given):
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and _CUDA.match(value.value):
            return value, value
        if isinstance(value, ast.Attribute) and unparse(value).endswith("AcceleratorDevice.CUDA"):
            return value, None
    return None


def _bound(node: ast.expr, call: Call) -> ast.expr:
    """What a name, or an attribute of the object, stands for in the same function or module, where it is bound once."""
    bindings: list[Binding] = []
    if isinstance(node, ast.Name):
        scopes = (call.function.scope, call.code.module.scope)
        bindings = next((list(found) for scope in scopes if (found := scope.bindings.get(node.id))), [])
    elif isinstance(node, ast.Attribute) and unparse(node.value) == "self" and call.function.owner is not None:
        bindings = [binding for binding, _ in call.function.owner.attributes.get(node.attr, ())]
    if len(bindings) == 1 and bindings[0].kind == "assign" and isinstance(bindings[0].value, ast.Constant):
        return bindings[0].value
    return node


def moved_afterwards(call: Call) -> bool:
    """Whether the function moves something to a device after the call: then it has thought of devices."""
    for row in call.function.calls:
        name = row.node.func.attr if isinstance(row.node.func, ast.Attribute) else ""
        if name in ("to", "cpu", "cuda") and row.node.lineno >= call.node.lineno:
            return True
    return False


_FALLS_BACK = re.compile(
    r"OutOfMemory|out of memory|CUDA error|except RuntimeError|except \(.*RuntimeError|AcceleratorError", re.IGNORECASE
)
_FIXED = re.compile(r"""^(\w+\.)?(device\()?["']cuda(:\d+)?["']\)?$""")


def without_fallback(code: Code) -> Iterator[Insistence]:
    """The places of a file that put a model on the card, or refuse to run without one, and expect no failure."""
    text = code.module.text
    if not uses_models(code) or "cuda" not in code.module.folded or _FALLS_BACK.search(text):
        return
    if _NEEDS_IT.search(code.module.path):
        return
    for row in code.module.raises:
        block = next((b for b in row.block.chain() if b.kind == "if"), None) if row.block is not None else None
        if block is not None and isinstance(block.node, ast.If):
            test = unparse(block.node.test)
            if test == "not torch.cuda.is_available()":
                yield Insistence(block.node.test, row.function, test, None)
    if _ASKS.search(text):
        return
    for call in code.all_calls:
        if _moves(call, code) and (call.row is None or not {"*", "?"} & set(call.row.caught)):
            yield Insistence(call.node.func, call.function, call.text, None)


def _moves(call: Call, code: Code) -> bool:
    """Whether a call moves a model to a card, and to nothing else."""
    func = call.node.func
    last = func.attr if isinstance(func, ast.Attribute) else ""
    if last == "cuda":
        return isinstance(func, ast.Attribute) and unparse(func.value) != "torch"
    given = call.node.args[0] if call.node.args else call.argument("device")
    if last != "to" or given is None:
        return False
    if isinstance(given, ast.Name):
        for scope in (call.function.scope, code.module.scope):
            found = scope.bindings.get(given.id, ())
            if found:
                values = [binding.value for binding in found]
                return all(value is not None and _FIXED.match(unparse(value)) is not None for value in values)
    return _FIXED.match(unparse(given)) is not None
