// The slow plain references as kernels of tfjs' `cpu` backend: importing this file makes every op run there.
import './gradients';
import './adamW/adamW.cpu';
import './attention/attention.cpu';
import './attentionCached/attentionCached.cpu';
import './embedding/embedding.cpu';
import './gemm/gemm.cpu';
import './linear/linear.cpu';
import './linearGroup/linearGroup.cpu';
import './quantEmbedding/quantEmbedding.cpu';
import './quantLinear/quantLinear.cpu';
import './residual/residual.cpu';
import './rmsNorm/rmsNorm.cpu';
import './rotary/rotary.cpu';
import './sampleTokens/sampleTokens.cpu';
import './swiglu/swiglu.cpu';
import './tokenStatistics/tokenStatistics.cpu';
