#pragma once

#include <eucv/nn/backend.hpp>

#include <sys/mman.h>

#include <cstddef>
#include <exception>
#include <memory_resource>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "support/reference_backend.hpp"

namespace test {

/// The memory of a make-believe device: one region of addresses that the host may neither read nor write, but while a
/// primitive of opaque_backend runs. Any other access ends the program by a fault.
class device_memory {
public:
  static device_memory& instance() {
    static device_memory one;
    return one;
  }

  /// While one lives, this thread may use the memory; others wait for their turn.
  class access {
  public:
    access() : lock_(instance().mutex_) {
      if (instance().depth_++ == 0) instance().protect(PROT_READ | PROT_WRITE);
    }
    ~access() {
      if (--instance().depth_ == 0) instance().protect(PROT_NONE);
    }
    access(const access&) = delete;
    access& operator=(const access&) = delete;

  private:
    std::unique_lock<std::recursive_mutex> lock_;
  };

  void* allocate(std::size_t bytes, std::size_t alignment) {
    const access now; // the lists of free blocks lie in the memory itself
    return blocks_->allocate(bytes, alignment);
  }
  void free(void* block, std::size_t bytes, std::size_t alignment) {
    const access now;
    blocks_->deallocate(block, bytes, alignment);
  }

private:
  device_memory() {
    if (region_ == MAP_FAILED) throw std::bad_alloc();
    fresh_.begin = static_cast<char*>(region_);
    blocks_.emplace(std::pmr::pool_options{0, std::size_t{1} << 24}, &fresh_);
    protect(PROT_NONE);
  }
  ~device_memory() {
    protect(PROT_READ | PROT_WRITE);
    blocks_.reset();
    ::munmap(region_, size);
  }
  // Only what was handed out so far: to change pages that were touched takes time.
  void protect(int how) {
    const std::size_t page = 4096, used = (fresh_.used + page - 1) / page * page;
    if (::mprotect(region_, used, how) != 0) std::terminate();
  }
  // Hands out the region from its beginning on.
  struct growing_region : std::pmr::memory_resource {
    char* begin = nullptr;
    std::size_t used = 0;

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
      used = (used + alignment - 1) / alignment * alignment;
      if (used + bytes > size) throw std::bad_alloc();
      void* const block = begin + used;
      used += bytes;
      return block;
    }
    void do_deallocate(void*, std::size_t, std::size_t) override {}
    bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  };

  static constexpr std::size_t size = std::size_t{1} << 30; // of addresses; what is not touched costs no memory
  void* region_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  std::recursive_mutex mutex_;
  std::size_t depth_ = 0;
  growing_region fresh_;
  std::optional<std::pmr::unsynchronized_pool_resource> blocks_;
};

template <class T>
struct device_allocator {
  using value_type = T;
  device_allocator() = default;
  template <class U>
  device_allocator(const device_allocator<U>&) {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(device_memory::instance().allocate(count * sizeof(T), alignof(T)));
  }
  void deallocate(T* block, std::size_t count) { device_memory::instance().free(block, count * sizeof(T), alignof(T)); }
  friend bool operator==(const device_allocator&, const device_allocator&) { return true; }
};

/// The reference backend on a device whose memory the host cannot read: assign() and values() are the only ways in and
/// out. What a layer, an optimizer or a training does beside the primitives fails on it, as it would on a GPU.
template <class Scalar>
class opaque_backend {
  using inner = reference_backend<Scalar, device_allocator<Scalar>>;
  using inner_tensor = typename inner::tensor;

public:
  using scalar = Scalar;
  using storage = typename inner::storage;
  using indices = typename inner::indices;
  using tensor = eucv::nn::tensor<opaque_backend>;
  using shape = eucv::nn::shape;
  using window = eucv::nn::window;

  tensor make(const shape& extents, eucv::nn::lifetime life = eucv::nn::lifetime::step) {
    return run([&] { return inner_.make(extents, life); });
  }
  void assign(tensor& to, std::span<const Scalar> flat, eucv::nn::order given) {
    const device_memory::access now;
    auto same = in(to);
    inner_.assign(same, flat, given);
  }
  std::vector<Scalar> values(const tensor& x, eucv::nn::order wanted) const {
    const device_memory::access now;
    return inner_.values(in(x), wanted);
  }
  tensor copy(const tensor& x) {
    return run([&] { return inner_.copy(in(x)); });
  }
  void fill(tensor& x, Scalar value) {
    const device_memory::access now;
    auto same = in(x);
    inner_.fill(same, value);
  }
  tensor flatten(const tensor& x) {
    return run([&] { return inner_.flatten(in(x)); });
  }
  tensor unflatten(const tensor& x, const shape& extents) {
    return run([&] { return inner_.unflatten(in(x), extents); });
  }
  tensor join(const tensor& a, const tensor& b) {
    return run([&] { return inner_.join(in(a), in(b)); });
  }
  eucv::nn::channel_parts<opaque_backend> split(const tensor& x, std::size_t first) {
    const device_memory::access now;
    auto parts = inner_.split(in(x), first);
    return {out(std::move(parts.first)), out(std::move(parts.second))};
  }

  tensor gemm_nt(const tensor& a, const tensor& b) {
    return run([&] { return inner_.gemm_nt(in(a), in(b)); });
  }
  tensor gemm_nn(const tensor& a, const tensor& b) {
    return run([&] { return inner_.gemm_nn(in(a), in(b)); });
  }
  tensor gemm_tn(const tensor& a, const tensor& b) {
    return run([&] { return inner_.gemm_tn(in(a), in(b)); });
  }

  tensor convolve(const tensor& x, const tensor& weight, const window& over) {
    return run([&] { return inner_.convolve(in(x), in(weight), over); });
  }
  tensor convolve_input_gradient(const tensor& dy, const tensor& weight, const window& over) {
    return run([&] { return inner_.convolve_input_gradient(in(dy), in(weight), over); });
  }
  tensor convolve_weight_gradient(const tensor& x, const tensor& dy, const window& over) {
    return run([&] { return inner_.convolve_weight_gradient(in(x), in(dy), over); });
  }

  eucv::nn::pooled<opaque_backend> max_pool(const tensor& x, const window& over) {
    const device_memory::access now;
    auto result = inner_.max_pool(in(x), over);
    return {out(std::move(result.values)), std::move(result.origins)};
  }
  tensor max_pool_gradient(const tensor& dy, const indices& origins, const window& over) {
    return run([&] { return inner_.max_pool_gradient(in(dy), origins, over); });
  }
  tensor average_pool(const tensor& x, const window& over) {
    return run([&] { return inner_.average_pool(in(x), over); });
  }
  tensor average_pool_gradient(const tensor& dy, const window& over) {
    return run([&] { return inner_.average_pool_gradient(in(dy), over); });
  }

  eucv::nn::channel_moments<opaque_backend> moments(const tensor& x) {
    const device_memory::access now;
    auto result = inner_.moments(in(x));
    return {out(std::move(result.mean)), out(std::move(result.variance))};
  }
  tensor affine(const tensor& x, const tensor& scale, const tensor& shift) {
    return run([&] { return inner_.affine(in(x), in(scale), in(shift)); });
  }
  eucv::nn::normalisation_gradients<opaque_backend>
  normalise_gradient(const tensor& x, const tensor& dy, const eucv::nn::normalisation<opaque_backend>& how) {
    const device_memory::access now;
    auto result = inner_.normalise_gradient(in(x), in(dy), {in(how.mean), in(how.inverse_deviation), in(how.scale)});
    return {out(std::move(result.input)), out(std::move(result.scale)), out(std::move(result.shift))};
  }

  template <class Function, class... Tensors>
  void map(Function f, Tensors&&... tensors) {
    const device_memory::access now;
    inner_.map(f, in(tensors)...);
  }

  tensor channel_sums(const tensor& x) {
    return run([&] { return inner_.channel_sums(in(x)); });
  }
  tensor add_to_channels(const tensor& x, const tensor& bias) {
    return run([&] { return inner_.add_to_channels(in(x), in(bias)); });
  }
  std::vector<double> sums_of_squares(std::span<const tensor* const> list) {
    const device_memory::access now;
    std::vector<double> sums;
    for (const tensor* x : list) sums.push_back(eucv::nn::sum_of_squares(inner_, in(*x)));
    return sums;
  }

private:
  static const inner_tensor in(const tensor& x) { return {x.shape, x.storage}; }
  static inner_tensor in(tensor& x) { return {x.shape, x.storage}; }
  static tensor out(inner_tensor x) { return {x.shape, std::move(x.storage)}; }
  template <class Function>
  tensor run(Function function) {
    const device_memory::access now;
    return out(function());
  }

  inner inner_;
};

} // namespace test
