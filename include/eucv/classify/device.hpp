#pragma once

#include <eucv/classify/architecture.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace eucv::classify {

class classifier_network;

/// Where the networks of classifiers compute: on the host, or by a backend that was given to device_of(). A value;
/// copies are the same device. An empty one stands for the host.
class device {
public:
  using builder = std::function<std::unique_ptr<classifier_network>(const architecture&, random&)>;

  device() { eucv::detail::needs_implementation(); }
  explicit device(builder build) : build_(std::move(build)) {}

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(build_); }
  /// Builds a network with fresh weights drawn from `engine`. Throws invalid_argument for a name that is none of
  /// architectures(), and what building throws for a size that is too small. Precondition: it is not empty.
  [[nodiscard]] std::unique_ptr<classifier_network> build(const architecture& wanted, random& engine) const;

private:
  builder build_;
};

/// The host as a device: networks compute on the threads of `pool`, which must outlive them.
[[nodiscard]] device host_device(thread_pool& pool);

/// The device that was chosen, or the host where it is empty.
[[nodiscard]] device device_or_host(const device& chosen, thread_pool& pool);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY
#include <eucv/classify/network.hpp>

namespace eucv::classify {

std::unique_ptr<classifier_network> device::build(const architecture& wanted, random& engine) const {
  return build_(wanted, engine);
}

device device_or_host(const device& chosen, thread_pool& pool) {
  return chosen ? chosen : host_device(pool);
}

} // namespace eucv::classify
#endif
