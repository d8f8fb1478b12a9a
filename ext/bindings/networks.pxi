# Networks: ext/core/nn.

from libc.stdint cimport uint32_t
from libcpp cimport bool as cpp_bool
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector

cdef extern from "core/nn/model.h" namespace "emohost::nn" nogil:
    cdef enum class Activation:
        linear, tanh, relu, sigmoid, softmax, elu

    cdef enum class LayerKind:
        dense, lstm, gru, conv1d, conv2d, batchnorm, prelu, activation

    cdef enum class Isa:
        automatic, plain, avx2, avx2_vnni, avx512, avx512_vnni, neon

    cdef enum class Precision:
        float32, float16, int8

    cdef cppclass LayerSpec:
        LayerKind kind
        Activation activation
        int inputs
        int outputs
        vector[vector[float]] weights
        int kernel_size
        int dilation
        int groups
        int kernel_size_feature
        int stride
        int filters_in
        int features_in
        int filters_out
        cpp_bool same_padding
        float epsilon
        string label

    cdef cppclass CppModel "emohost::nn::Model":
        int inputs()
        int outputs()
        size_t parameters()
        size_t memory_bytes()
        Isa isa()
        Precision precision()
        void evaluate(const float* x, float* y)
        void commit()
        void reset()

    unique_ptr[CppModel] build_model(
        int inputs, const vector[LayerSpec]& layers, Isa isa, string* error, Precision precision) except +
    vector[Isa] cpp_available_isas "emohost::nn::available_isas"() except +
    const char* isa_name "emohost::nn::name"(Isa isa)
    const char* precision_name "emohost::nn::name"(Precision precision)

cdef extern from "core/nn/timing.h" namespace "emohost::nn" nogil:
    cdef cppclass Pace:
        size_t touched_bytes
        double pause_s

    vector[uint32_t] cpp_time_steps "emohost::nn::time_steps"(
        const vector[CppModel*]& chain, int steps, const Pace& pace) except +
    vector[uint32_t] cpp_time_reading "emohost::nn::time_reading"(
        const vector[CppModel*]& chain, int steps, const Pace& pace) except +


# By name, in the order of kinds.h.
_ACTIVATIONS = {name: value for value, name in enumerate("linear tanh relu sigmoid softmax elu".split())}
_LAYER_KINDS = {
    name: value for value, name in enumerate("dense lstm gru conv1d conv2d batchnorm prelu activation".split())
}
_ISAS = {name: value for value, name in enumerate("automatic plain avx2 avx2_vnni avx512 avx512_vnni neon".split())}
_PRECISIONS = {name: value for value, name in enumerate("float32 float16 int8".split())}


def available_isas():
    return [isa_name(isa).decode() for isa in cpp_available_isas()]


cdef LayerSpec _layer_spec(object layer) except *:
    """A LayerSpec from a dict of its fields; `kind` and `activation` by name."""
    cdef LayerSpec spec
    cdef vector[float] array
    cdef const float[::1] values
    cdef Py_ssize_t size
    for key, value in layer.items():
        if key == "kind":
            spec.kind = <LayerKind><int>_LAYER_KINDS[value]
        elif key == "activation":
            spec.activation = <Activation><int>_ACTIVATIONS[value]
        elif key == "weights":
            for weights in value:
                values = np.ascontiguousarray(weights, dtype=np.float32).reshape(-1)
                size = values.shape[0]
                array.clear()
                if size:
                    array.assign(&values[0], &values[0] + size)
                spec.weights.push_back(array)
        elif key == "inputs":
            spec.inputs = value
        elif key == "outputs":
            spec.outputs = value
        elif key == "kernel_size":
            spec.kernel_size = value
        elif key == "dilation":
            spec.dilation = value
        elif key == "groups":
            spec.groups = value
        elif key == "kernel_size_feature":
            spec.kernel_size_feature = value
        elif key == "stride":
            spec.stride = value
        elif key == "filters_in":
            spec.filters_in = value
        elif key == "features_in":
            spec.features_in = value
        elif key == "filters_out":
            spec.filters_out = value
        elif key == "same_padding":
            spec.same_padding = value
        elif key == "epsilon":
            spec.epsilon = value
        elif key == "label":
            spec.label = value.encode()
        else:
            raise ValueError(f"a layer has no field {key!r}")
    return spec


cdef class Model:
    cdef unique_ptr[CppModel] model

    def __init__(self, int inputs, layers, isa="automatic", precision="float32"):
        if isa not in _ISAS:
            raise ValueError(f"instruction set: expected one of {', '.join(_ISAS)}, found {isa!r}")
        if precision not in _PRECISIONS:
            raise ValueError(f"precision: expected one of {', '.join(_PRECISIONS)}, found {precision!r}")
        cdef vector[LayerSpec] specs
        cdef string error
        for index, layer in enumerate(layers):
            try:
                specs.push_back(_layer_spec(layer))
            except (KeyError, OverflowError, TypeError) as mistake:
                raise ValueError(f"layer {index}: {mistake}") from None
        self.model = build_model(inputs, specs, <Isa><int>_ISAS[isa], &error, <Precision><int>_PRECISIONS[precision])
        if not self.model:
            raise ValueError(error.decode())

    cdef CppModel* get(self) except NULL:
        if not self.model:
            raise RuntimeError("this network was handed over to an engine and cannot be used here any more")
        return self.model.get()

    @property
    def inputs(self):
        return self.get().inputs()

    @property
    def outputs(self):
        return self.get().outputs()

    @property
    def parameters(self):
        return self.get().parameters()

    @property
    def memory_bytes(self):
        return self.get().memory_bytes()

    @property
    def isa(self):
        return isa_name(self.get().isa()).decode()

    @property
    def precision(self):
        return precision_name(self.get().precision()).decode()

    def process(self, x):
        cdef CppModel* model = self.get()
        cdef const float[:, ::1] steps = np.ascontiguousarray(x, dtype=np.float32)
        cdef Py_ssize_t count = steps.shape[0]
        cdef Py_ssize_t inputs = model.inputs(), outputs = model.outputs()
        cdef Py_ssize_t step
        if steps.shape[1] != inputs:
            raise ValueError(f"expected (steps, {inputs}), found ({count}, {steps.shape[1]})")
        result = np.empty((count, outputs), dtype=np.float32)
        if count == 0:
            return result
        cdef float[:, ::1] results = result
        cdef const float* first = &steps[0, 0]
        cdef float* out = &results[0, 0]
        with nogil:
            for step in range(count):
                model.evaluate(first + step * inputs, out + step * outputs)
                model.commit()
        return result

    def evaluate(self, x):
        cdef CppModel* model = self.get()
        cdef const float[::1] values = np.ascontiguousarray(x, dtype=np.float32)
        if values.shape[0] != model.inputs():
            raise ValueError(f"expected ({model.inputs()},), found ({values.shape[0]},)")
        result = np.empty(model.outputs(), dtype=np.float32)
        cdef float[::1] results = result
        cdef const float* first = &values[0]
        cdef float* out = &results[0]
        with nogil:
            model.evaluate(first, out)
        return result

    def commit(self):
        self.get().commit()

    def reset(self):
        self.get().reset()


def time_steps(models, int steps, int touched_bytes=0, double pause_s=0.0, bint reading=False):
    cdef vector[CppModel*] chain
    cdef vector[uint32_t] readings
    cdef Pace pace
    cdef Py_ssize_t i
    if steps < 1 or touched_bytes < 0 or not 0 <= pause_s <= 1:
        raise ValueError("time_steps: expected at least one step, and a pause of 0 to 1 s")
    for model in models:
        chain.push_back((<Model?>model).get())
    pace.touched_bytes = touched_bytes
    pace.pause_s = pause_s
    with nogil:
        readings = cpp_time_reading(chain, steps, pace) if reading else cpp_time_steps(chain, steps, pace)
    result = np.empty(readings.size(), dtype=np.uint32)
    cdef uint32_t[::1] values = result
    for i in range(values.shape[0]):
        values[i] = readings[i]
    return result
