/** What the references read: weights as stored in f32, activations and states in f64. */
export type Numbers = Float32Array | Float64Array;
